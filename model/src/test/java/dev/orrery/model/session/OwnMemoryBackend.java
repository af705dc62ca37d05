package dev.orrery.model.session;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;

/** The CPU, pretending to be a device with a memory of its own, so that sessions overlap work. */
public final class OwnMemoryBackend extends ForwardingBackend {
  public OwnMemoryBackend() {
    super(CpuBackend.simd(2));
  }

  @Override
  public String name() {
    return "own-memory";
  }

  @Override
  public boolean usesHostMemory() {
    return false;
  }

  @Override
  public Tensor upload(Tensor host, DType activations, TensorArena arena) {
    Tensor copy = arena.empty(host.dtype(), host.shape().extents());
    copy(host, copy);
    return copy;
  }
}
