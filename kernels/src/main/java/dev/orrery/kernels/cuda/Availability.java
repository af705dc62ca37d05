package dev.orrery.kernels.cuda;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemoryLayout;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.util.Locale;

/**
 * Finds out within milliseconds whether there is a GPU to use, without JCuda, whose first touch
 * takes long and fails for good where there is no driver.
 */
final class Availability {
  /** The driver that reads the machine code of CUDA 13's compiler. */
  static final int MACHINE_CODE_DRIVER = 13000;

  /** The driver that reads PTX 8.0, the oldest form in which kernels are shipped. */
  private static final int OLDEST_DRIVER = 12000;

  private static final int NO_DEVICE = 100;

  private Availability() {}

  /** The driver's library, as the loader knows it. */
  static String library() {
    return System.getProperty("os.name").toLowerCase(Locale.ROOT).contains("win")
        ? "nvcuda.dll"
        : "libcuda.so.1";
  }

  /**
   * Requires a driver that is new enough and at least one GPU.
   *
   * @return the driver's version, 12000 being 12.0
   * @throws CudaUnavailableException saying what is missing
   */
  @SuppressWarnings("restricted")
  static int requireDriver() {
    try (Arena arena = Arena.ofConfined()) {
      SymbolLookup driver;
      try {
        driver = SymbolLookup.libraryLookup(library(), arena);
      } catch (IllegalArgumentException e) {
        throw new CudaUnavailableException(
            "no NVIDIA driver found (" + library() + " cannot be loaded)", e);
      }
      int initialised = call(driver, "cuInit", ValueLayout.JAVA_INT, 0);
      MemorySegment number = arena.allocate(ValueLayout.JAVA_INT);
      call(driver, "cuDriverGetVersion", ValueLayout.ADDRESS, number);
      int version = number.get(ValueLayout.JAVA_INT, 0);
      if (version > 0 && version < OLDEST_DRIVER) {
        throw new CudaUnavailableException(
            String.format(
                Locale.ROOT,
                "the NVIDIA driver is too old: it supports CUDA %s, the kernels need %s (driver 525)",
                dotted(version),
                dotted(OLDEST_DRIVER)));
      }
      if (initialised == NO_DEVICE) {
        throw new CudaUnavailableException("the NVIDIA driver finds no GPU");
      }
      if (initialised != 0) {
        throw new CudaUnavailableException(
            "the NVIDIA driver cannot be initialised (cuInit gives error " + initialised + ")");
      }
      return version;
    }
  }

  static String dotted(int version) {
    return version / 1000 + "." + version % 1000 / 10;
  }

  @SuppressWarnings("restricted")
  private static int call(
      SymbolLookup driver, String name, MemoryLayout argumentLayout, Object argument) {
    MemorySegment function =
        driver
            .find(name)
            .orElseThrow(
                () -> new CudaUnavailableException(library() + " is not an NVIDIA driver"));
    try {
      return (int)
          Linker.nativeLinker()
              .downcallHandle(function, FunctionDescriptor.of(ValueLayout.JAVA_INT, argumentLayout))
              .invokeWithArguments(argument);
    } catch (Throwable e) {
      throw new AssertionError(name, e);
    }
  }
}
