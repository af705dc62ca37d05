package dev.orrery.benchmarks;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.ComputeTypes;
import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.backend.PlanningBackend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * A backend that takes the time of every launch of another one, and tells it of each batch, which
 * is a pass of a network. The other one has to be done when a launch returns, as those of the CPU
 * are.
 */
final class TimedBackend implements Backend {
  private final Backend timed;
  private final Consumer<Batch> listener;
  private List<Launch> launches = new ArrayList<>();

  /**
   * A launch that was timed. Its tensors are valid as long as those of its network and session.
   *
   * @param contract of the kernel
   * @param kernel that computed it
   * @param method of the contract
   * @param arguments of the method
   * @param spent what it took
   */
  record Launch(
      Class<? extends Kernel> contract,
      Kernel kernel,
      Method method,
      Object[] arguments,
      Spent spent) {
    /** Floating-point operations, none if the contract counts none. */
    double operations() {
      try {
        return PlanningBackend.operations(contract, method, arguments);
      } catch (ReflectiveOperationException e) {
        throw new IllegalStateException(e);
      }
    }

    /** Whether it is a product of matrices or a convolution. */
    boolean multiplies() {
      String family = contract.getPackageName();
      return operations() > 0 && (family.contains(".linear") || family.endsWith(".conv"));
    }

    String name() {
      return contract.getSimpleName();
    }

    /** The shapes of its tensors, in the order of the arguments. */
    String shape() {
      return Stream.of(arguments)
          .filter(Tensor.class::isInstance)
          .map(Object::toString)
          .collect(Collectors.joining(" "));
    }

    /** Computes the same again. */
    void again() {
      invoke(kernel, method, arguments);
    }
  }

  /**
   * What was launched as one batch.
   *
   * @param launches in their order
   * @param spent from the first to the end of the last
   */
  record Batch(List<Launch> launches, Spent spent) {
    double operations() {
      return launches.stream().mapToDouble(Launch::operations).sum();
    }
  }

  /**
   * Takes times.
   *
   * @param timed is closed with this one
   * @param listener told of each batch when it is done
   */
  TimedBackend(Backend timed, Consumer<Batch> listener) {
    this.timed = timed;
    this.listener = listener;
  }

  @Override
  public <K extends Kernel> K kernel(Class<K> contract) {
    K kernel = timed.kernel(contract);
    InvocationHandler taking =
        (proxy, method, arguments) -> {
          if (method.isDefault() && !method.getName().equals("accepts")) {
            return InvocationHandler.invokeDefault(proxy, method, arguments);
          }
          if (!method.getName().equals("launch")) {
            return invoke(kernel, method, arguments);
          }
          Spent spent = Spent.on(() -> invoke(kernel, method, arguments));
          launches.add(new Launch(contract, kernel, method, arguments, spent));
          return null;
        };
    return contract.cast(
        Proxy.newProxyInstance(contract.getClassLoader(), new Class<?>[] {contract}, taking));
  }

  private static Object invoke(Kernel kernel, Method method, Object[] arguments) {
    try {
      return method.invoke(kernel, arguments);
    } catch (InvocationTargetException e) {
      throw new IllegalStateException(method + " failed", e.getCause());
    } catch (IllegalAccessException e) {
      throw new IllegalStateException(e);
    }
  }

  @Override
  public void batch(Runnable calls) {
    launches = new ArrayList<>();
    Spent spent = Spent.on(() -> timed.batch(calls));
    listener.accept(new Batch(launches, spent));
    launches = new ArrayList<>();
  }

  @Override
  public String name() {
    return timed.name();
  }

  @Override
  public boolean usesHostMemory() {
    return timed.usesHostMemory();
  }

  @Override
  public TensorArena newArena() {
    return timed.newArena();
  }

  @Override
  public ComputeTypes computeTypes() {
    return timed.computeTypes();
  }

  @Override
  public Tensor upload(Tensor host, DType activations, TensorArena arena) {
    return timed.upload(host, activations, arena);
  }

  @Override
  public void copy(Tensor from, Tensor to) {
    timed.copy(from, to);
  }

  @Override
  public void synchronize() {
    timed.synchronize();
  }

  @Override
  public void close() {
    timed.close();
  }
}
