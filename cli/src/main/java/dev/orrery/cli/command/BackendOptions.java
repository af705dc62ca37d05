package dev.orrery.cli.command;

import dev.orrery.kernels.backend.Backend;
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

  private String noGpu = "";

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
    Backends.check(name);
  }

  /** Threads of the CPU that compute. */
  public int threads() {
    return threads;
  }

  /**
   * Opens the backend.
   *
   * @param told receives what is done that takes long
   */
  public Backend open(Consumer<String> told) {
    return Backends.open(name, cublas, threads, told, reason -> noGpu = "; " + reason);
  }

  /** Where a backend computes, and why not on a GPU if nobody asked for something else. */
  public String describe(Backend backend) {
    return backend.usesHostMemory()
        ? backend.name() + ", " + threads + " threads" + noGpu
        : backend.name();
  }
}
