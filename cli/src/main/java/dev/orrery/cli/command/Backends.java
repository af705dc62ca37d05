package dev.orrery.cli.command;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.CudaBackend;
import dev.orrery.kernels.CudaBackend.MatmulProvider;
import dev.orrery.kernels.TornadoBackend;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.cuda.CudaUnavailableException;
import dev.orrery.kernels.tornado.TornadoUnavailableException;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The backends that a user can name. */
public final class Backends {
  /** What {@code --backend} may be, for help and messages. */
  static final String NAMES = "auto, cpu, cuda, cuda:N, tornado, tornado:N, reference";

  private static final Pattern CUDA = Pattern.compile("cuda(?::(\\d{1,3}))?");
  private static final Pattern TORNADO = Pattern.compile("tornado(?::(\\d{1,3}))?");

  private Backends() {}

  /**
   * Whether a name can be one of a backend.
   *
   * @throws UnusableInputException if not
   */
  static void check(String name) {
    if (!name.matches("auto|cpu|reference")
        && !CUDA.matcher(name).matches()
        && !TORNADO.matcher(name).matches()) {
      throw new UnusableInputException(
          "--backend: expected one of " + NAMES + ", found '" + name + "'");
    }
  }

  /**
   * Opens a backend. A named one is opened or fails; {@code auto} takes the first GPU that can be
   * used, else the CPU, and says why.
   *
   * @param cublas whether NVIDIA's library multiplies matrices, which takes a GPU
   * @param threads threads of backends on the CPU
   * @param told receives what is done that takes long
   * @param note receives why there is no GPU
   * @throws UnusableInputException if there is no such backend here
   */
  static Backend open(
      String name, boolean cublas, int threads, Consumer<String> told, Consumer<String> note) {
    Matcher cuda = CUDA.matcher(name);
    if (cuda.matches() || cublas) {
      if (!cuda.matches() && !name.equals("auto")) {
        throw new UnusableInputException("--cublas: needs --backend cuda, found " + name);
      }
      int ordinal = cuda.matches() ? ordinal(cuda) : 0;
      try {
        return openGpu(ordinal, cublas ? MatmulProvider.CUBLAS : MatmulProvider.ORRERY, told);
      } catch (CudaUnavailableException e) {
        throw new UnusableInputException("--backend " + name + ": " + e.getMessage(), e);
      }
    }
    Matcher tornado = TORNADO.matcher(name);
    if (tornado.matches()) {
      try {
        return TornadoBackend.open(ordinal(tornado));
      } catch (TornadoUnavailableException e) {
        throw new UnusableInputException("--backend " + name + ": " + e.getMessage(), e);
      }
    }
    return switch (name) {
      case "cpu" -> CpuBackend.simd(threads);
      case "reference" -> CpuBackend.reference(threads);
      case "auto" -> openAny(threads, told, note);
      default -> throw new IllegalArgumentException(name);
    };
  }

  /** The number of a device in its backend's name, 0 if there is none. */
  private static int ordinal(Matcher name) {
    return name.group(1) == null ? 0 : Integer.parseInt(name.group(1));
  }

  /**
   * Opens the first GPU that can be used, else the CPU with a thread for each processor.
   *
   * @param told receives what is done that takes long
   * @param note receives why there is no GPU
   */
  public static Backend openAny(Consumer<String> told, Consumer<String> note) {
    return openAny(Runtime.getRuntime().availableProcessors(), told, note);
  }

  private static Backend openAny(int threads, Consumer<String> told, Consumer<String> note) {
    try {
      return openGpu(0, MatmulProvider.ORRERY, told);
    } catch (CudaUnavailableException e) {
      note.accept(e.getMessage());
      return CpuBackend.simd(threads);
    }
  }

  /** Nothing is built before there is a GPU that could use it. */
  private static Backend openGpu(int ordinal, MatmulProvider matmul, Consumer<String> told) {
    CudaDevice.requireUsable(ordinal);
    CheckoutKernels.prepare(told);
    return CudaBackend.open(ordinal, matmul);
  }
}
