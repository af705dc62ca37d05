package dev.orrery.model.session;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.ComputeTypes;
import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;

/** The CPU, pretending to be a device with a memory of its own, so that sessions overlap work. */
public final class OwnMemoryBackend implements Backend {
  private final Backend cpu = CpuBackend.simd(2);

  @Override
  public String name() {
    return "own-memory";
  }

  @Override
  public boolean usesHostMemory() {
    return false;
  }

  @Override
  public TensorArena newArena() {
    return cpu.newArena();
  }

  @Override
  public ComputeTypes computeTypes() {
    return cpu.computeTypes();
  }

  @Override
  public Tensor upload(Tensor host, DType activations, TensorArena arena) {
    Tensor copy = arena.empty(host.dtype(), host.shape().extents());
    copy(host, copy);
    return copy;
  }

  @Override
  public void copy(Tensor from, Tensor to) {
    cpu.copy(from, to);
  }

  @Override
  public <K extends Kernel> K kernel(Class<K> contract) {
    return cpu.kernel(contract);
  }

  @Override
  public void batch(Runnable calls) {
    cpu.batch(calls);
  }

  @Override
  public void synchronize() {}

  @Override
  public void close() {
    cpu.close();
  }
}
