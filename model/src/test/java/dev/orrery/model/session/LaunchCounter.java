package dev.orrery.model.session;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.cuda.CudaTestDevice;
import java.util.ArrayList;
import java.util.List;

/** A GPU that counts batches, each of which it launches as one graph, and kernels. */
final class LaunchCounter extends ForwardingBackend {
  private final List<Long> batches = new ArrayList<>();
  private long before;

  private LaunchCounter(Backend backend) {
    super(backend);
  }

  /** Opens the GPU of tests; the caller closes it. */
  static LaunchCounter open() {
    return new LaunchCounter(CudaTestDevice.openForModels());
  }

  @Override
  public synchronized void batch(Runnable calls) {
    long start = CudaTestDevice.launches();
    backend.batch(calls);
    // Replayed behind the caller's back; what ran has to be counted with its batch.
    backend.synchronize();
    batches.add(CudaTestDevice.launches() - start);
  }

  /** Forgets what was counted. */
  synchronized void reset() {
    batches.clear();
    before = CudaTestDevice.launches();
  }

  /** Kernels of each batch since {@link #reset}. */
  synchronized List<Long> batches() {
    return List.copyOf(batches);
  }

  /** Kernels since then that were launched one by one. */
  synchronized long outsideOfBatches() {
    long inside = batches.stream().mapToLong(Long::longValue).sum();
    return CudaTestDevice.launches() - before - inside;
  }
}
