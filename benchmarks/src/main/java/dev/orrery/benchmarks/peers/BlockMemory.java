package dev.orrery.benchmarks.peers;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.PlanningBackend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.Parameters;
import dev.orrery.runtime.checkpoint.TensorSource;
import dev.orrery.runtime.checkpoint.Weights;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Optional;
import java.util.Set;

/** Where a block of ours lives: its backend, its weights and what it is given. */
public final class BlockMemory implements AutoCloseable {
  private final Backend backend;
  private final TensorArena arena;

  /** Null where tensors have no memory. */
  private final BlockValues values;

  private BlockMemory(Backend backend, BlockValues values) {
    this.backend = backend;
    this.values = values;
    arena = backend.newArena();
  }

  /** A block that computes. */
  static BlockMemory of(Backend backend, BlockValues values) {
    return new BlockMemory(backend, values);
  }

  /** A block without memory. */
  static BlockMemory planned(PlanningBackend backend) {
    return new BlockMemory(backend, null);
  }

  /** Where the block runs. */
  public Backend backend() {
    return backend;
  }

  /** Owner of its tensors. */
  public TensorArena arena() {
    return arena;
  }

  /** Its weights. */
  public Parameters weights() {
    return Parameters.ofTransformer(Weights.of(new Source()), backend, arena);
  }

  /** What it is given or remembers. */
  public Tensor input(String name, int... shape) {
    return tensor(values == null ? null : values.input(name, shape), shape);
  }

  /** Matrices of 4 x 4. */
  public Tensor matrices(String name, int count) {
    return tensor(values == null ? null : values.weight(name, count, 4, 4), count, 4, 4);
  }

  private Tensor tensor(float[] filled, int... shape) {
    Tensor tensor = arena.empty(DType.F32, Layout.longs(shape));
    if (filled != null) {
      tensor.segment().copyFrom(MemorySegment.ofArray(filled));
    }
    return tensor;
  }

  @Override
  public void close() {
    arena.close();
    backend.close();
  }

  /** Has whatever the block asks for. */
  private final class Source implements TensorSource {
    @Override
    public Set<String> names() {
      return Set.of();
    }

    @Override
    public Optional<Tensor> find(String name, Shape shape) {
      int[] extents = Arrays.stream(shape.extents()).mapToInt(Math::toIntExact).toArray();
      return Optional.of(tensor(values == null ? null : values.weight(name, extents), extents));
    }

    @Override
    public String location(String name) {
      return "a block";
    }
  }
}
