package dev.orrery.cli.command;

import dev.orrery.kernels.Backends;
import dev.orrery.kernels.ChosenBackend;
import dev.orrery.kernels.CudaBackend.MatmulProvider;
import dev.orrery.kernels.cuda.CudaUnavailableException;
import dev.orrery.kernels.tornado.TornadoUnavailableException;
import java.util.Locale;
import java.util.function.Consumer;
import picocli.CommandLine.Option;

/** Where a command computes. */
public final class BackendOptions {
  private static final int MAX_THREADS = 1024;

  @Option(
      names = "--backend",
      paramLabel = "auto|cpu|cuda[:N]|tornado[:N]|reference",
      defaultValue = "auto",
      description =
          "Where to compute: cuda is the first NVIDIA GPU, cuda:1 the second; tornado is the first"
              + " device of TornadoVM, where that is installed; cpu; reference is the slow definition"
              + " of every operation. auto, the default, takes the first NVIDIA GPU if it can be"
              + " used, else the CPU. A named backend is used or the command fails. orrery devices"
              + " lists what there is.")
  private String name;

  @Option(
      names = "--cublas",
      description = "On a GPU, let NVIDIA's library multiply matrices. Needs libcublas of CUDA 12.")
  private boolean cublas;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description =
          "Threads of the CPU that compute; the result does not depend on it. Default: one for each"
              + " processor.")
  private int threads = Runtime.getRuntime().availableProcessors();

  /** For picocli, which sets the options. */
  public BackendOptions() {}

  /**
   * Requires options that can be meant.
   *
   * @throws UnusableInputException if not
   */
  public void check() {
    if (threads < 1 || threads > MAX_THREADS) {
      throw new UnusableInputException(
          String.format(
              Locale.ROOT, "--threads: expected 1 to %d, found %d", MAX_THREADS, threads));
    }
    try {
      Backends.requireName(name);
    } catch (IllegalArgumentException e) {
      throw new UnusableInputException("--backend: " + e.getMessage(), e);
    }
    if (cublas && !name.equals("auto") && !name.startsWith("cuda")) {
      throw new UnusableInputException("--cublas: needs --backend cuda, found " + name);
    }
  }

  /** Threads of the CPU that compute. */
  public int threads() {
    return threads;
  }

  /**
   * Opens the backend.
   *
   * @param told receives what is done that takes long
   * @throws UnusableInputException if there is no such backend here
   */
  public ChosenBackend open(Consumer<String> told) {
    try {
      return CheckoutKernels.backends(
              threads, cublas ? MatmulProvider.CUBLAS : MatmulProvider.ORRERY, told)
          .open(name);
    } catch (CudaUnavailableException | TornadoUnavailableException e) {
      throw new UnusableInputException("--backend " + name + ": " + e.getMessage(), e);
    }
  }

  /** Where a backend computes, and why not on a GPU if nobody asked for something else. */
  public String describe(ChosenBackend chosen) {
    String backend = chosen.backend().name();
    return chosen.backend().usesHostMemory()
        ? backend
            + ", "
            + threads
            + " threads"
            + (name.equals("auto") ? "; " + chosen.reason() : "")
        : backend;
  }
}
