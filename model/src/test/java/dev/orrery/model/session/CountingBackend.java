package dev.orrery.model.session;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.util.LinkedHashSet;
import java.util.Set;

/** A backend that knows which of its arenas are open. */
public final class CountingBackend extends ForwardingBackend {
  private final Set<TensorArena> open = new LinkedHashSet<>();
  private long taken;
  private long batches;

  public CountingBackend(Backend backend) {
    super(backend);
  }

  /** Bytes of all open arenas. */
  public long heldBytes() {
    return open.stream().mapToLong(TensorArena::byteSize).sum();
  }

  /** Bytes that were ever taken, given back or not. */
  public long takenBytes() {
    return taken;
  }

  /** Batches that were ever run: one for each forward pass of a transformer, at least. */
  public long batches() {
    return batches;
  }

  @Override
  public void batch(Runnable calls) {
    batches++;
    super.batch(calls);
  }

  public int openArenas() {
    return open.size();
  }

  @Override
  public TensorArena newArena() {
    TensorArena arena = backend.newArena();
    TensorArena counted =
        new TensorArena() {
          @Override
          public Tensor empty(DType dtype, long... extents) {
            Tensor tensor = arena.empty(dtype, extents);
            taken += tensor.byteSize();
            return tensor;
          }

          @Override
          public boolean reinterprets() {
            return arena.reinterprets();
          }

          @Override
          public long byteSize() {
            return arena.byteSize();
          }

          @Override
          public void close() {
            arena.close();
            open.remove(this);
          }
        };
    open.add(counted);
    return counted;
  }
}
