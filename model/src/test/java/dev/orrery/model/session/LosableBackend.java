package dev.orrery.model.session;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.tensor.Tensor;

/** A backend whose device can be lost, and found again. */
final class LosableBackend extends ForwardingBackend {
  private volatile boolean lost;

  LosableBackend(Backend backend) {
    super(backend);
  }

  void lose() {
    lost = true;
  }

  void find() {
    lost = false;
  }

  private void requireDevice() {
    if (lost) {
      throw new IllegalStateException("the device is lost");
    }
  }

  @Override
  public void copy(Tensor from, Tensor to) {
    requireDevice();
    backend.copy(from, to);
  }

  @Override
  public void batch(Runnable calls) {
    requireDevice();
    backend.batch(calls);
  }

  @Override
  public void synchronize() {
    requireDevice();
    backend.synchronize();
  }
}
