package dev.orrery.weights.verify;

import dev.orrery.kernels.backend.PlannedBuffer;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.family.NetworkWeights;
import dev.orrery.runtime.checkpoint.Checkpoint;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.Quantization;
import dev.orrery.runtime.checkpoint.TensorSource;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Compares the tensors of a checkpoint with those that a network asks for, to the end: what is
 * missing or has another shape is noted, and the network gets what it asked for, without data.
 */
public final class TensorCheck {
  private TensorCheck() {}

  /**
   * Checks the checkpoints of a model from their headers.
   *
   * @return a line for each fault; none if the networks can be built
   */
  public static List<String> faults(List<NetworkWeights<?>> networks) {
    List<String> faults = new ArrayList<>();
    for (NetworkWeights<?> network : networks) {
      if (!Files.exists(network.checkpoint())) {
        faults.add(network.checkpoint() + ": expected the weights of the " + network.name());
        continue;
      }
      try (Checkpoint checkpoint = Checkpoint.open(network.checkpoint())) {
        network.read(new NotingSource(checkpoint, faults));
      } catch (CheckpointException e) {
        // What is left over, or what cannot be made up for, such as a missing scale.
        faults.add(e.getMessage());
      }
    }
    return faults;
  }

  private record NotingSource(Checkpoint checkpoint, List<String> faults) implements TensorSource {
    @Override
    public Set<String> names() {
      return checkpoint.names();
    }

    @Override
    public String location(String name) {
      return checkpoint.location(name);
    }

    @Override
    public Optional<Tensor> find(String name, Shape expected) {
      Optional<Tensor> stored = checkpoint.find(name, expected);
      if (stored.isEmpty()) {
        note(name, "expected shape " + expected + ", but missing");
        return Optional.of(planned(DType.F32, expected));
      }
      DType dtype = stored.get().dtype();
      Shape shape = stored.get().shape();
      // A quantised matrix is asked for in its possible forms, one after the other.
      boolean quantised = !dtype.isWeightType() || name.endsWith(Quantization.SCALE_SUFFIX);
      if (quantised || shape.equals(expected)) {
        return Optional.of(planned(dtype, shape));
      }
      note(name, "expected shape " + expected + ", found " + shape);
      return Optional.of(planned(dtype, expected));
    }

    private void note(String name, String problem) {
      faults.add(
          new CheckpointException(location(name), "tensor " + name + ": " + problem).getMessage());
    }

    private static Tensor planned(DType dtype, Shape shape) {
      long bytes = shape.elements() * dtype.byteSize();
      return new Tensor(dtype, shape, new PlannedBuffer(bytes), 0);
    }
  }
}
