package dev.orrery.kernels.cuda;

import java.lang.foreign.AddressLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import jcuda.driver.CUstream;
import jcuda.driver.JCudaDriver;

/**
 * A kernel over a grid of one-dimensional blocks.
 *
 * @param gridX blocks along x
 * @param gridY blocks along y
 * @param gridZ blocks along z
 * @param threads of a block
 * @param sharedBytes dynamic shared memory of a block
 */
record KernelLaunch(
    CudaFunction function, int gridX, int gridY, int gridZ, int threads, int sharedBytes) {
  private static final ValueLayout.OfInt INT = ValueLayout.JAVA_INT;
  private static final AddressLayout ADDRESS = ValueLayout.ADDRESS;

  // CUlaunchConfig: three words each of grid and block, shared bytes, and behind a gap of one word:
  private static final long STREAM = 32;
  private static final long ATTRIBUTES = 40;
  private static final long ATTRIBUTE_COUNT = 48;
  private static final long CONFIG_BYTES = 56;

  private static final int PROGRAMMATIC_STREAM_SERIALIZATION = 6;

  // CUlaunchAttribute: its id, a gap of one word, and room for any value.
  private static final long ATTRIBUTE_VALUE = 8;
  private static final long ATTRIBUTE_BYTES = 72;

  /** JCuda 12.6 does not have it; null where the driver does not either, before CUDA 11.8. */
  private static final MethodHandle WITH_ATTRIBUTES = withAttributes();

  /** Hopper. */
  private static final int OLDEST_OVERLAPPING_CAPABILITY = 90;

  /** Driver 545, the first to capture launches that overlap. */
  private static final int OLDEST_OVERLAPPING_DRIVER = 12030;

  /**
   * Whether kernels on a device can be started while the one before them runs, in graphs as well.
   *
   * @param capability compute capability times ten
   */
  static boolean mayOverlap(int capability) {
    return capability >= OLDEST_OVERLAPPING_CAPABILITY
        && WITH_ATTRIBUTES != null
        && Driver.version() >= OLDEST_OVERLAPPING_DRIVER;
  }

  /**
   * Puts it on a stream.
   *
   * @param arguments host address of an array of pointers to the arguments
   * @param overlaps whether it may be started while the kernel before it runs, where {@link
   *     #mayOverlap}; it waits by itself for what that one writes
   */
  void issue(CUstream stream, long arguments, boolean overlaps) {
    int result = overlaps ? overlapping(stream, arguments) : plain(stream, arguments);
    Driver.check(function.name(), result);
  }

  private int plain(CUstream stream, long arguments) {
    return JCudaDriver.cuLaunchKernel(
        function.handle(),
        gridX,
        gridY,
        gridZ,
        threads,
        1,
        1,
        sharedBytes,
        stream,
        Driver.hostPointer(arguments),
        null);
  }

  private int overlapping(CUstream stream, long arguments) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment config = arena.allocate(CONFIG_BYTES, Long.BYTES);
      int[] words = {gridX, gridY, gridZ, threads, 1, 1, sharedBytes};
      MemorySegment.copy(words, 0, config, INT, 0, words.length);
      config.set(ADDRESS, STREAM, MemorySegment.ofAddress(Driver.address(stream)));
      MemorySegment attribute = arena.allocate(ATTRIBUTE_BYTES, Long.BYTES);
      attribute.set(INT, 0, PROGRAMMATIC_STREAM_SERIALIZATION);
      attribute.set(INT, ATTRIBUTE_VALUE, 1);
      config.set(ADDRESS, ATTRIBUTES, attribute);
      config.set(INT, ATTRIBUTE_COUNT, 1);
      return (int)
          WITH_ATTRIBUTES.invokeExact(
              config,
              MemorySegment.ofAddress(Driver.address(function.handle())),
              MemorySegment.ofAddress(arguments),
              MemorySegment.NULL);
    } catch (Throwable e) {
      throw new AssertionError("cuLaunchKernelEx", e);
    }
  }

  @SuppressWarnings("restricted")
  private static MethodHandle withAttributes() {
    return SymbolLookup.libraryLookup(Availability.library(), Arena.global())
        .find("cuLaunchKernelEx")
        .map(
            call ->
                Linker.nativeLinker()
                    .downcallHandle(
                        call, FunctionDescriptor.of(INT, ADDRESS, ADDRESS, ADDRESS, ADDRESS)))
        .orElse(null);
  }
}
