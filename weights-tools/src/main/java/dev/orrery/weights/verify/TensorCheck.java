package dev.orrery.weights.verify;

import dev.orrery.kernels.backend.PlannedBuffer;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.family.NetworkWeights;
import dev.orrery.runtime.checkpoint.Checkpoint;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.Quantization;
import dev.orrery.runtime.checkpoint.TensorInfo;
import dev.orrery.runtime.checkpoint.TensorSource;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Compares the tensors of a checkpoint with those that a network asks for, to the end: what is
 * missing, left over, or has another shape or element type is noted, and the network gets what it
 * asked for, without data.
 */
public final class TensorCheck {
  /** What the values of quantised matrices are stored as. */
  private static final Set<DType> QUANTISED = Set.of(DType.I8, DType.F8_E4M3, DType.U8);

  private TensorCheck() {}

  /**
   * Checks the checkpoints of a model from their headers.
   *
   * @return a line for each fault; none if the networks can be built
   */
  public static List<String> faults(List<NetworkWeights<?>> networks) {
    Set<String> faults = new LinkedHashSet<>();
    for (NetworkWeights<?> network : networks) {
      faults.addAll(faults(network, network.checkpoint()));
    }
    return List.copyOf(faults);
  }

  /**
   * Checks one checkpoint from its headers.
   *
   * @param path the checkpoint of the network, as messages are to name it
   */
  static List<String> faults(NetworkWeights<?> network, Path path) {
    if (!Files.exists(path)) {
      return List.of(path + ": expected the weights of the " + network.name());
    }
    Set<String> faults = new LinkedHashSet<>();
    try (Checkpoint checkpoint = Checkpoint.open(path, fault -> faults.add(fault.getMessage()))) {
      new NotingSource(checkpoint, faults).check(network);
    } catch (CheckpointException e) {
      faults.add(e.getMessage());
    }
    return List.copyOf(faults);
  }

  /**
   * The names of a checkpoint's tensors if the network has none of them; else no names, as if the
   * checkpoint is damaged or not there, of which {@link #faults} tells.
   */
  static Set<String> namesOfAnother(NetworkWeights<?> network, Path path) {
    if (!Files.exists(path)) {
      return Set.of();
    }
    try (Checkpoint checkpoint = Checkpoint.open(path)) {
      NotingSource source = new NotingSource(checkpoint, new HashSet<>());
      source.check(network);
      return source.asked.stream().noneMatch(checkpoint.names()::contains)
          ? Set.copyOf(checkpoint.names())
          : Set.of();
    } catch (CheckpointException e) {
      return Set.of();
    }
  }

  private static final class NotingSource implements TensorSource {
    private final Checkpoint checkpoint;
    private final Set<String> names;
    private final Set<String> faults;

    /** Tensors that stand in for stored ones, or for those of a shard that is not there. */
    private final Set<String> madeUp;

    private final Set<String> asked = new HashSet<>();

    private String last;

    NotingSource(Checkpoint checkpoint, Set<String> faults) {
      this.checkpoint = checkpoint;
      this.faults = faults;
      this.madeUp = new HashSet<>(checkpoint.lost());
      this.names = new HashSet<>(checkpoint.names());
      names.addAll(madeUp);
    }

    void check(NetworkWeights<?> network) {
      boolean again = true;
      while (again) {
        last = null;
        try {
          network.unread(this).stream()
              .filter(name -> !belongsToMadeUp(name))
              .forEach(
                  name -> note(name, "surplus, the " + network.name() + " has no such tensor"));
          again = false;
        } catch (CheckpointException e) {
          // The network went no further than the tensor it asked for last: another attempt with a
          // made-up one shows what is wrong behind it.
          faults.add(e.getMessage());
          again = last != null && madeUp.add(last);
        }
      }
    }

    /** Whether it is a tensor, or the scales of one, whose fault was noted already. */
    private boolean belongsToMadeUp(String name) {
      return madeUp.contains(name)
          || name.endsWith(Quantization.SCALE_SUFFIX)
              && madeUp.contains(
                  name.substring(0, name.length() - Quantization.SCALE_SUFFIX.length()));
    }

    @Override
    public Set<String> names() {
      return names;
    }

    @Override
    public String location(String name) {
      return checkpoint.location(name);
    }

    @Override
    public Optional<Tensor> find(String name, Shape expected) {
      last = name;
      asked.add(name);
      if (madeUp.contains(name)) {
        return Optional.of(planned(DType.F32, expected));
      }
      TensorInfo stored = checkpoint.info(name).orElse(null);
      if (stored == null) {
        note(name, "expected shape " + expected + ", but missing");
        return Optional.of(planned(DType.F32, expected));
      }
      Optional<DType> dtype = stored.type().dtype();
      // A quantised matrix is asked for in its possible forms, one after the other.
      boolean scale = name.endsWith(Quantization.SCALE_SUFFIX);
      if (dtype.isPresent() && (scale || QUANTISED.contains(dtype.get()))) {
        return Optional.of(planned(dtype.get(), stored.shape()));
      }
      if (!stored.shape().equals(expected)) {
        note(name, "expected shape " + expected + ", found " + stored.shape());
      }
      if (dtype.filter(DType::isWeightType).isEmpty()) {
        note(name, "expected F32, F16 or BF16, found " + stored.type());
        return Optional.of(planned(DType.F32, expected));
      }
      return Optional.of(planned(dtype.get(), expected));
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
