package dev.orrery.kernels.cuda;

import dev.orrery.kernels.CudaBackend;
import dev.orrery.kernels.cuda.EmulatedDriver.Setup;
import dev.orrery.kernels.cuda.EmulatedDriver.Variant;
import java.util.HashMap;
import java.util.Map;

/**
 * The GPU that tests run on: the emulated one, with every access to memory checked, or with {@code
 * -DrequireGpu=true} the first real one.
 */
public final class CudaTestDevice {
  private static final boolean REAL = Boolean.getBoolean("requireGpu");
  private static final int PORTABLE = 80;
  private static final int HOPPER = 90;
  private static final Map<Integer, CudaBackend> OPEN = new HashMap<>();

  private CudaTestDevice() {}

  /**
   * Whether kernels for a generation of GPUs can be tested: all of them when emulated, else the
   * portable ones everywhere and those for Hopper on Hopper.
   */
  public static boolean supports(int capability) {
    return !REAL || capability < HOPPER || open(capability).device().capability() == HOPPER;
  }

  /**
   * The backend for a generation of GPUs, opened once and never closed. Without a compiler to
   * emulate with, the calling test is skipped, or fails with {@code -DrequireEmulator=true}.
   *
   * @param capability compute capability times ten: 80 for the portable kernels, 90 for Hopper's
   */
  public static synchronized CudaBackend open(int capability) {
    return OPEN.computeIfAbsent(capability, CudaTestDevice::openNew);
  }

  /**
   * A new backend for whole models: the best kernels of the GPU, emulated ones without checks of
   * memory, which make them several times as slow. The caller closes it.
   */
  public static CudaBackend openForModels() {
    if (REAL) {
      return CudaBackend.open(0);
    }
    EmulatedDriver driver = EmulatedDriver.start(Setup.DEFAULT);
    return CudaBackend.on(CudaDevice.open(0, driver.images(Variant.FAST)));
  }

  /** Kernels that an emulated GPU has run so far; a real one does not tell, and says 0. */
  public static long launches() {
    return REAL ? 0 : EmulatedDriver.start(Setup.DEFAULT).launches();
  }

  private static CudaBackend openNew(int capability) {
    if (REAL) {
      return CudaBackend.on(CudaDevice.open(0, capability < HOPPER));
    }
    EmulatedDriver driver = EmulatedDriver.start(Setup.DEFAULT.withCapability(capability));
    return CudaBackend.on(CudaDevice.open(0, driver.images(Variant.CHECKED)));
  }

  /**
   * The kernels that test primitives: emulated, or for a real GPU where {@code ./gpu pack} puts
   * them on the class path.
   */
  static KernelImages testImages() {
    return REAL
        ? KernelImages.ofJar(Availability.requireDriver(), open(PORTABLE).device().capability())
        : EmulatedDriver.start(Setup.DEFAULT).testImages(Variant.CHECKED);
  }

  /** From now on an emulated GPU runs the threads of a block in another order. */
  public static void schedule(long seed) {
    if (!REAL) {
      EmulatedDriver.start(Setup.DEFAULT.withSeed(seed));
    }
  }
}
