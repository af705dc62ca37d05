package dev.orrery.kernels.backend;

import dev.orrery.kernels.tensor.Check;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Proxy;

/**
 * A backend that computes nothing and holds nothing. Its kernels check their arguments as every
 * kernel does and then return; its tensors have sizes but no memory. Running a model on it finds
 * every shape error and the exact memory that the model would take, in milliseconds and before a
 * weight is read.
 */
public final class PlanningBackend implements Backend {
  private final boolean hostMemory;

  /**
   * A plan for one kind of backend.
   *
   * @param hostMemory whether the planned backend computes on host memory, so that uploads copy
   *     nothing
   */
  public PlanningBackend(boolean hostMemory) {
    this.hostMemory = hostMemory;
  }

  @Override
  public String name() {
    return "planning";
  }

  @Override
  public boolean usesHostMemory() {
    return hostMemory;
  }

  @Override
  public TensorArena newArena() {
    return new PlanningArena();
  }

  @Override
  public Tensor upload(Tensor host, TensorArena arena) {
    return hostMemory ? host : arena.empty(host.dtype(), host.shape().extents());
  }

  @Override
  public void copy(Tensor from, Tensor to) {
    Check.that(
        from.dtype() == to.dtype() && from.elements() == to.elements(),
        "to: expected " + from.dtype() + " and " + from.elements() + " elements, found " + to);
  }

  @Override
  public <K extends Kernel> K kernel(Class<K> contract) {
    InvocationHandler checkOnly =
        (proxy, method, arguments) ->
            method.isDefault() ? InvocationHandler.invokeDefault(proxy, method, arguments) : null;
    return contract.cast(
        Proxy.newProxyInstance(contract.getClassLoader(), new Class<?>[] {contract}, checkOnly));
  }

  @Override
  public void synchronize() {}

  @Override
  public void close() {}

  private static final class PlanningArena implements TensorArena {
    private long bytes;

    @Override
    public Tensor empty(DType dtype, long... extents) {
      Shape shape = Shape.of(extents);
      long size = Math.multiplyExact(shape.elements(), (long) dtype.byteSize());
      bytes += size;
      return new Tensor(dtype, shape, new PlannedBuffer(size), 0);
    }

    @Override
    public long byteSize() {
      return bytes;
    }

    @Override
    public void close() {}
  }
}
