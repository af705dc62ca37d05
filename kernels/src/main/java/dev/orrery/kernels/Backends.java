package dev.orrery.kernels;

import dev.orrery.kernels.CudaBackend.MatmulProvider;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.cuda.CudaUnavailableException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Opens backends by name, or the best one that there is.
 *
 * <pre>{@code
 * try (ChosenBackend chosen = Backends.auto()) {
 *   System.out.println(chosen.backend().name() + ": " + chosen.reason());
 * }
 * }</pre>
 *
 * @param threads that compute on a backend of the CPU; results do not depend on it
 * @param matmul whose kernels multiply matrices on a GPU
 * @param beforeGpu called when a GPU was found, before it is opened; where it throws a {@link
 *     CudaUnavailableException}, that GPU cannot be used
 */
public record Backends(int threads, MatmulProvider matmul, Runnable beforeGpu) {
  /** What a backend may be called, for help and messages. */
  public static final String NAMES = "auto, cpu, cuda, cuda:N, tornado, tornado:N, reference";

  private static final String AUTO = "auto";
  private static final Pattern HOST = Pattern.compile("auto|cpu|reference");
  private static final Pattern CUDA = Pattern.compile("cuda(?::(\\d{1,3}))?");
  private static final Pattern TORNADO = Pattern.compile("tornado(?::(\\d{1,3}))?");

  public Backends {
    if (threads < 1) {
      throw new IllegalArgumentException("threads: expected 1 or more, found " + threads);
    }
  }

  /** With a thread for each processor, and the kernels of Orrery on a GPU. */
  public static Backends standard() {
    return new Backends(
        Runtime.getRuntime().availableProcessors(), MatmulProvider.ORRERY, () -> {});
  }

  /** Opens the first GPU that can be used, else the CPU, see {@link #standard}. */
  public static ChosenBackend auto() {
    return standard().open(AUTO);
  }

  /**
   * Requires that a backend can have this name, here or elsewhere.
   *
   * @throws IllegalArgumentException if none can
   */
  public static void requireName(String name) {
    if (!HOST.matcher(name).matches()
        && !CUDA.matcher(name).matches()
        && !TORNADO.matcher(name).matches()) {
      throw new IllegalArgumentException("expected one of " + NAMES + ", found '" + name + "'");
    }
  }

  /**
   * Opens a backend. A named one is opened or this fails; {@code auto} is the first GPU that can be
   * used, else the CPU.
   *
   * @param name one of {@link #NAMES}, N being the number of a device, from 0
   * @throws IllegalArgumentException if no backend can have this name
   * @throws CudaUnavailableException saying in one line why the GPU that was asked for cannot be
   *     used; also by {@code auto} if NVIDIA's library is to multiply, which takes a GPU
   * @throws dev.orrery.kernels.tornado.TornadoUnavailableException saying why TornadoVM's device
   *     cannot be used
   */
  public ChosenBackend open(String name) {
    requireName(name);
    return name.equals(AUTO) ? choose() : new ChosenBackend(named(name), "asked for by name");
  }

  private ChosenBackend choose() {
    try {
      return new ChosenBackend(openGpu(0), "the first GPU that can be used");
    } catch (CudaUnavailableException e) {
      if (matmul == MatmulProvider.CUBLAS) {
        throw e;
      }
      return new ChosenBackend(CpuBackend.simd(threads), e.getMessage());
    }
  }

  private Backend named(String name) {
    Matcher cuda = CUDA.matcher(name);
    if (cuda.matches()) {
      return openGpu(ordinal(cuda));
    }
    Matcher tornado = TORNADO.matcher(name);
    if (tornado.matches()) {
      return TornadoBackend.open(ordinal(tornado));
    }
    return name.equals("cpu") ? CpuBackend.simd(threads) : CpuBackend.reference(threads);
  }

  /** The number of a device in its backend's name, 0 if there is none. */
  private static int ordinal(Matcher name) {
    return name.group(1) == null ? 0 : Integer.parseInt(name.group(1));
  }

  private Backend openGpu(int ordinal) {
    CudaDevice.requireUsable(ordinal);
    beforeGpu.run();
    return CudaBackend.open(ordinal, matmul);
  }
}
