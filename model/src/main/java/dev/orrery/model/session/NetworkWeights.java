package dev.orrery.model.session;

import dev.orrery.kernels.backend.PlanningBackend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.runtime.checkpoint.PlannedTensors;
import dev.orrery.runtime.checkpoint.TensorSource;
import dev.orrery.runtime.checkpoint.TensorSpec;
import java.nio.file.Path;
import java.util.List;

/**
 * What one network of a model asks of its checkpoint, for tools that check checkpoints or make
 * them. The network itself asks, so there is no second list of names and shapes.
 *
 * @param name what the network is, such as {@code transformer}
 * @param checkpoint where its weights lie, or should lie: a safetensors file or an index
 * @param reader builds the network and requires that no tensor is left over
 */
public record NetworkWeights(String name, Path checkpoint, Reader reader) {
  /** Builds a network on a backend that has no memory. */
  @FunctionalInterface
  public interface Reader {
    /**
     * Takes all tensors of the network.
     *
     * @throws dev.orrery.runtime.checkpoint.CheckpointException if one is missing, of another shape
     *     or left over
     */
    void read(TensorSource source, PlanningBackend backend, TensorArena arena);
  }

  /**
   * Has the network take its tensors, which need no data.
   *
   * @throws dev.orrery.runtime.checkpoint.CheckpointException if one is missing, of another shape
   *     or left over
   */
  public void read(TensorSource source) {
    try (PlanningBackend backend = PlanningBackend.cpu();
        TensorArena arena = backend.newArena()) {
      reader.read(source, backend, arena);
    }
  }

  /** All tensors of the network, in the order in which it asks for them. */
  public List<TensorSpec> tensors(DType dtype) {
    PlannedTensors asked = PlannedTensors.of(dtype);
    read(asked);
    return asked.requests();
  }
}
