package dev.orrery.model.session;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.ComputeTypes;
import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.util.function.UnaryOperator;

/** Another backend, of which tests change a part. */
public abstract class ForwardingBackend implements Backend {
  protected final Backend backend;

  protected ForwardingBackend(Backend backend) {
    this.backend = backend;
  }

  /**
   * A backend with one operation in another form.
   *
   * @param change makes it of the backend's own
   */
  public static <K extends Kernel> Backend replacing(
      Backend backend, Class<K> contract, UnaryOperator<K> change) {
    K other = change.apply(backend.kernel(contract));
    return new ForwardingBackend(backend) {
      @Override
      public <L extends Kernel> L kernel(Class<L> asked) {
        return asked == contract ? asked.cast(other) : backend.kernel(asked);
      }
    };
  }

  @Override
  public String name() {
    return backend.name();
  }

  @Override
  public String machine() {
    return backend.machine();
  }

  @Override
  public boolean usesHostMemory() {
    return backend.usesHostMemory();
  }

  @Override
  public TensorArena newArena() {
    return backend.newArena();
  }

  @Override
  public ComputeTypes computeTypes() {
    return backend.computeTypes();
  }

  @Override
  public Tensor upload(Tensor host, DType activations, TensorArena arena) {
    return backend.upload(host, activations, arena);
  }

  @Override
  public void copy(Tensor from, Tensor to) {
    backend.copy(from, to);
  }

  @Override
  public <K extends Kernel> K kernel(Class<K> contract) {
    return backend.kernel(contract);
  }

  @Override
  public void batch(Runnable calls) {
    backend.batch(calls);
  }

  @Override
  public void synchronize() {
    backend.synchronize();
  }

  @Override
  public void close() {
    backend.close();
  }
}
