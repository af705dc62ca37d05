package dev.orrery.kernels.backend;

import dev.orrery.kernels.tensor.Check;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Stream;

/**
 * A backend that computes nothing and holds nothing. Its kernels check their arguments as every
 * kernel does and then return; its tensors have sizes but no memory. Running a model on it finds
 * every shape error and the exact memory that the model would take, in milliseconds and before a
 * weight is read.
 */
public final class PlanningBackend implements Backend {
  /** What counts the operations of a launch: looking for it takes longer than all else. */
  private static final Map<Counted, Optional<Method>> COUNTING = new ConcurrentHashMap<>();

  private record Counted(Class<?> contract, Method launch) {}

  private final boolean hostMemory;
  private final ComputeTypes computeTypes;
  private final boolean reinterprets;

  /** The backend that is planned, which knows what its kernels accept; null if there is none. */
  private final Backend planned;

  private final Listener listener;

  private final Map<Class<?>, Double> operations = new HashMap<>();

  /** Is told what would be launched. */
  @FunctionalInterface
  public interface Listener {
    /**
     * A kernel would be launched.
     *
     * @param launch the contract's method
     * @param arguments of that method; tensors have no memory
     */
    void launched(Class<? extends Kernel> contract, Method launch, Object[] arguments);
  }

  /**
   * A plan for one kind of backend.
   *
   * @param hostMemory whether the planned backend computes on host memory, so that uploads copy
   *     nothing
   * @param computeTypes the planned backend's activations
   */
  public PlanningBackend(boolean hostMemory, ComputeTypes computeTypes) {
    this(hostMemory, computeTypes, (contract, launch, arguments) -> {});
  }

  /**
   * The same, telling of every launch.
   *
   * @param listener is told of each
   */
  public PlanningBackend(boolean hostMemory, ComputeTypes computeTypes, Listener listener) {
    this.listener = listener;
    this.hostMemory = hostMemory;
    this.computeTypes = computeTypes;
    reinterprets = true;
    planned = null;
  }

  private PlanningBackend(Backend planned) {
    listener = (contract, launch, arguments) -> {};
    this.planned = planned;
    hostMemory = planned.usesHostMemory();
    computeTypes = planned.computeTypes();
    try (TensorArena arena = planned.newArena()) {
      reinterprets = arena.reinterprets();
    }
  }

  /** A plan for the CPU. */
  public static PlanningBackend cpu() {
    return new PlanningBackend(true, ComputeTypes.FP32);
  }

  /** A plan for the CPU that tells of every launch. */
  public static PlanningBackend cpu(Listener listener) {
    return new PlanningBackend(true, ComputeTypes.FP32, listener);
  }

  /** A plan for a backend that exists. */
  public static PlanningBackend like(Backend backend) {
    return new PlanningBackend(backend);
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
    return new PlanningArena(reinterprets);
  }

  @Override
  public ComputeTypes computeTypes() {
    return computeTypes;
  }

  @Override
  public Tensor upload(Tensor host, DType activations, TensorArena arena) {
    return hostMemory
        ? host
        : arena.empty(DeviceWeights.dtype(host, activations), host.shape().extents());
  }

  @Override
  public void copy(Tensor from, Tensor to) {
    Check.copy(from, to);
  }

  @Override
  public <K extends Kernel> K kernel(Class<K> contract) {
    InvocationHandler checkOnly =
        (proxy, method, arguments) -> {
          if (method.getName().equals("accepts")) {
            return accepts(contract, (DType) arguments[0]);
          }
          // On a device several products may be one launch: a launch by default is another plan.
          if (method.isDefault() && (hostMemory || !method.getName().equals("launch"))) {
            return InvocationHandler.invokeDefault(proxy, method, arguments);
          }
          operations.merge(contract, operations(contract, method, arguments), Double::sum);
          listener.launched(contract, method, arguments);
          return null;
        };
    return contract.cast(
        Proxy.newProxyInstance(contract.getClassLoader(), new Class<?>[] {contract}, checkOnly));
  }

  /**
   * Floating-point operations of a launch, as its contract counts them; none if it counts nothing.
   *
   * @param launch the contract's method
   * @param arguments of that method
   */
  public static double operations(Class<?> contract, Method launch, Object[] arguments)
      throws ReflectiveOperationException {
    Optional<Method> counting =
        COUNTING.computeIfAbsent(new Counted(contract, launch), PlanningBackend::counting);
    return counting.isPresent() ? (double) counting.get().invoke(null, arguments) : 0;
  }

  /** It stands beside the launch, which may be one that contracts share. */
  private static Optional<Method> counting(Counted counted) {
    Method launch = counted.launch();
    return Stream.of(counted.contract(), launch.getDeclaringClass())
        .flatMap(type -> Arrays.stream(type.getDeclaredMethods()))
        .filter(method -> method.getName().equals("operations"))
        .filter(method -> Arrays.equals(method.getParameterTypes(), launch.getParameterTypes()))
        .findFirst();
  }

  /**
   * Floating-point operations of all launches so far, those of products of matrices, convolutions
   * and attention: what takes the time of a network.
   */
  public double operations() {
    return operations.values().stream().mapToDouble(Double::doubleValue).sum();
  }

  /** Of these, those of the launches of one kernel. */
  public double operations(Class<? extends Kernel> contract) {
    return operations.getOrDefault(contract, 0.0);
  }

  private boolean accepts(Class<? extends Kernel> contract, DType activations) {
    if (planned != null) {
      return planned.kernel(contract).accepts(activations);
    }
    return hostMemory ? activations == DType.F32 : activations.isWeightType();
  }

  @Override
  public void batch(Runnable calls) {
    calls.run();
  }

  @Override
  public void synchronize() {}

  @Override
  public void close() {}

  private static final class PlanningArena implements TensorArena {
    private final boolean reinterprets;
    private long bytes;

    PlanningArena(boolean reinterprets) {
      this.reinterprets = reinterprets;
    }

    @Override
    public boolean reinterprets() {
      return reinterprets;
    }

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
