package dev.orrery.model.session;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.runtime.memory.Workspace;

/**
 * What a start is encoded with, and what is given back when that is done. There is no noise and no
 * seed: what is encoded serves the worlds of all seeds.
 */
public final class StartResources implements AutoCloseable {
  private final Backend backend;
  private final TensorArena arena;
  private final Workspace workspace;
  private long passingBytes;

  /**
   * @param backend where it is encoded
   * @param arena owner of tensors that are needed meanwhile
   * @param workspace for activations
   */
  public StartResources(Backend backend, TensorArena arena, Workspace workspace) {
    this.backend = backend;
    this.arena = arena;
    this.workspace = workspace;
  }

  /** Where it is encoded. */
  public Backend backend() {
    return backend;
  }

  /** Owner of tensors that are needed until the start is encoded. */
  public TensorArena arena() {
    return arena;
  }

  /** For activations. */
  public Workspace workspace() {
    return workspace;
  }

  /**
   * Memory that is not needed that long, to be closed as soon as it is not. Only one is open at a
   * time, so that all together take what the largest takes.
   */
  public TensorArena passing() {
    return new Passing(backend.newArena());
  }

  /** Bytes of the largest memory that was not needed until the end. */
  long passingBytes() {
    return passingBytes;
  }

  @Override
  public void close() {
    arena.close();
  }

  /** Notes how much it gave out. */
  private final class Passing implements TensorArena {
    private final TensorArena memory;

    Passing(TensorArena memory) {
      this.memory = memory;
    }

    @Override
    public Tensor empty(DType dtype, long... extents) {
      return memory.empty(dtype, extents);
    }

    @Override
    public boolean reinterprets() {
      return memory.reinterprets();
    }

    @Override
    public long byteSize() {
      return memory.byteSize();
    }

    @Override
    public void close() {
      passingBytes = Math.max(passingBytes, memory.byteSize());
      memory.close();
    }
  }
}
