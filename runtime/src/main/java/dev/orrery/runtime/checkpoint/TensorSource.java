package dev.orrery.runtime.checkpoint;

import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import java.util.Optional;
import java.util.Set;

/** Where {@link Weights} take their tensors from: files, or a plan. */
public interface TensorSource {
  /** Names of the tensors that must all be read. */
  Set<String> names();

  /**
   * The tensor of a name, or empty if there is none.
   *
   * @param shape the extents that the reader expects; a source of stored tensors returns what it
   *     has, and the reader compares
   */
  Optional<Tensor> find(String name, Shape shape);

  /** The file that holds the tensor, or that should hold it, as shown in error messages. */
  String location(String name);
}
