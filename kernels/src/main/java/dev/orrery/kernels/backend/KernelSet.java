package dev.orrery.kernels.backend;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** The visible list of a backend's kernels: one for each contract it implements. */
public final class KernelSet {
  private final String backend;
  private final Map<Class<? extends Kernel>, Kernel> kernels = new LinkedHashMap<>();

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
    if (kernels.putIfAbsent(contract, kernel) != null) {
      throw new IllegalArgumentException(
          contract.getSimpleName() + " is listed twice for " + backend);
    }
    return this;
  }

  /** The contracts that have a kernel. */
  public Iterable<Class<? extends Kernel>> contracts() {
    return kernels.keySet();
  }

  /**
   * The kernel of a contract.
   *
   * @throws MissingKernelException if the backend has none
   */
  public <K extends Kernel> K get(Class<K> contract) {
    Kernel kernel = kernels.get(contract);
    if (kernel == null) {
      throw new MissingKernelException(
          "backend "
              + backend
              + " has no kernel for "
              + contract.getSimpleName()
              + "; it has "
              + kernels.keySet().stream()
                  .map(Class::getSimpleName)
                  .sorted()
                  .collect(Collectors.joining(", ")));
    }
    return contract.cast(kernel);
  }
}
