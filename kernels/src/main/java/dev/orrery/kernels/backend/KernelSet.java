package dev.orrery.kernels.backend;

import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/** The visible list of a backend's kernels: one for each contract it implements. */
public final class KernelSet {
  private final String backend;
  private final Map<Class<? extends Kernel>, Supplier<? extends Kernel>> makers =
      new LinkedHashMap<>();
  private final Map<Class<? extends Kernel>, Kernel> made = new HashMap<>();

  /**
   * An empty list.
   *
   * @param backend name of the backend, for messages
   */
  public KernelSet(String backend) {
    this.backend = backend;
  }

  /** Adds the kernel of one contract. */
  public <K extends Kernel> KernelSet with(Class<K> contract, K kernel) {
    return making(contract, () -> kernel);
  }

  /** Adds the kernel of one contract, which is made when it is first asked for. */
  public <K extends Kernel> KernelSet making(Class<K> contract, Supplier<K> maker) {
    if (makers.putIfAbsent(contract, maker) != null) {
      throw new IllegalArgumentException(
          contract.getSimpleName() + " is listed twice for " + backend);
    }
    return this;
  }

  /**
   * The kernel of a contract.
   *
   * @throws MissingKernelException if the backend has none
   */
  public synchronized <K extends Kernel> K get(Class<K> contract) {
    Supplier<? extends Kernel> maker = makers.get(contract);
    if (maker == null) {
      throw new MissingKernelException(
          "backend "
              + backend
              + " has no kernel for "
              + contract.getSimpleName()
              + "; it has "
              + makers.keySet().stream()
                  .map(Class::getSimpleName)
                  .sorted()
                  .collect(Collectors.joining(", ")));
    }
    Kernel kernel = made.get(contract);
    if (kernel == null) {
      kernel = maker.get();
      made.put(contract, kernel);
    }
    return contract.cast(kernel);
  }
}
