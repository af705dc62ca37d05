package dev.orrery.kernels.cuda;

import static jcuda.driver.CUfunction_attribute.CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES;

import java.lang.foreign.Arena;
import java.lang.foreign.FunctionDescriptor;
import java.lang.foreign.Linker;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.SymbolLookup;
import java.lang.foreign.ValueLayout;
import java.lang.invoke.MethodHandle;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import jcuda.Pointer;
import jcuda.driver.CUcontext;
import jcuda.driver.CUdevice;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUevent;
import jcuda.driver.CUevent_flags;
import jcuda.driver.CUfunction;
import jcuda.driver.CUgraph;
import jcuda.driver.CUgraphExec;
import jcuda.driver.CUmodule;
import jcuda.driver.CUstream;
import jcuda.driver.CUstream_flags;
import jcuda.driver.JCudaDriver;

/**
 * The calls of the CUDA driver that Orrery makes, beside {@link KernelLaunch}: JCuda's where it has
 * them, java.lang.foreign for tensor maps. Addresses are plain numbers; errors become {@link
 * CudaException}, except running out of memory, which the caller explains.
 */
final class Driver {
  /** Only this stream's calls are captured; other threads go on as they like. */
  private static final int CAPTURE_MODE_THREAD_LOCAL = 1;

  private static final int OUT_OF_MEMORY = 2;
  private static final int TENSOR_MAP_BYTES = 128;
  private static final int TENSOR_MAP_ALIGNMENT = 64;
  private static final Linker LINKER = Linker.nativeLinker();
  private static final MethodHandle ENCODE_TENSOR_MAP = encodeTensorMap();

  static {
    JCudaDriver.setExceptionsEnabled(false);
  }

  private Driver() {}

  /** A number as JCuda's pointer to host memory. */
  private static final class HostAddress extends Pointer {
    HostAddress(long address) {
      super(address);
    }
  }

  /** A number as JCuda's pointer to device memory, and the other way round. */
  private static final class DeviceAddress extends CUdeviceptr {
    DeviceAddress() {}

    DeviceAddress(long address) {
      super(new CUdeviceptr(), address);
    }

    long address() {
      return getNativePointer();
    }
  }

  /** A stream whose handle calls that are not JCuda's can be given. */
  private static final class Stream extends CUstream {
    long address() {
      return getNativePointer();
    }
  }

  /** The same of a function. */
  private static final class Function extends CUfunction {
    long address() {
      return getNativePointer();
    }
  }

  /** A pointer that the driver returns. */
  private static final class ReturnedPointer extends Pointer {
    long address() {
      return getNativePointer();
    }
  }

  /** An address on the host as JCuda's pointer. */
  static Pointer hostPointer(long address) {
    return new HostAddress(address);
  }

  /** The handle of a stream that was made here. */
  static long address(CUstream stream) {
    return ((Stream) stream).address();
  }

  /** The handle of a function that was loaded here. */
  static long address(CUfunction function) {
    return ((Function) function).address();
  }

  // Devices and contexts

  static void initialise() {
    check("cuInit", JCudaDriver.cuInit(0));
  }

  /** The driver's version, 12000 being 12.0. */
  static int version() {
    int[] version = new int[1];
    check("cuDriverGetVersion", JCudaDriver.cuDriverGetVersion(version));
    return version[0];
  }

  static int deviceCount() {
    int[] count = new int[1];
    check("cuDeviceGetCount", JCudaDriver.cuDeviceGetCount(count));
    return count[0];
  }

  static CUdevice device(int ordinal) {
    CUdevice device = new CUdevice();
    check("cuDeviceGet", JCudaDriver.cuDeviceGet(device, ordinal));
    return device;
  }

  static String deviceName(CUdevice device) {
    byte[] name = new byte[256];
    check("cuDeviceGetName", JCudaDriver.cuDeviceGetName(name, name.length, device));
    String text = new String(name, StandardCharsets.UTF_8);
    return text.substring(0, text.indexOf('\0'));
  }

  static int attribute(CUdevice device, int attribute) {
    int[] value = new int[1];
    check("cuDeviceGetAttribute", JCudaDriver.cuDeviceGetAttribute(value, attribute, device));
    return value[0];
  }

  static CUcontext retainPrimaryContext(CUdevice device) {
    CUcontext context = new CUcontext();
    check("cuDevicePrimaryCtxRetain", JCudaDriver.cuDevicePrimaryCtxRetain(context, device));
    return context;
  }

  static void releasePrimaryContext(CUdevice device) {
    check("cuDevicePrimaryCtxRelease", JCudaDriver.cuDevicePrimaryCtxRelease(device));
  }

  static void setCurrent(CUcontext context) {
    check("cuCtxSetCurrent", JCudaDriver.cuCtxSetCurrent(context));
  }

  // Modules

  static CUmodule loadModule(byte[] image, String name) {
    CUmodule module = new CUmodule();
    check("cuModuleLoadData(" + name + ")", JCudaDriver.cuModuleLoadData(module, image));
    return module;
  }

  static CUfunction function(CUmodule module, String name) {
    CUfunction function = new Function();
    check(
        "cuModuleGetFunction(" + name + ")",
        JCudaDriver.cuModuleGetFunction(function, module, name));
    return function;
  }

  static void allowSharedMemory(CUfunction function, int bytes) {
    check(
        "cuFuncSetAttribute",
        JCudaDriver.cuFuncSetAttribute(
            function, CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, bytes));
  }

  // Memory

  /** The address of so many new bytes, or 0 if there are not so many. */
  static long allocate(long bytes) {
    DeviceAddress pointer = new DeviceAddress();
    int result = JCudaDriver.cuMemAlloc(pointer, bytes);
    if (result == OUT_OF_MEMORY) {
      return 0;
    }
    check("cuMemAlloc", result);
    return pointer.address();
  }

  /** An address on the device as JCuda's pointer. */
  static Pointer pointer(long address) {
    return new DeviceAddress(address);
  }

  static void free(long address) {
    check("cuMemFree", JCudaDriver.cuMemFree(new DeviceAddress(address)));
  }

  static long freeMemory() {
    long[] free = new long[1];
    check("cuMemGetInfo", JCudaDriver.cuMemGetInfo(free, new long[1]));
    return free[0];
  }

  static long totalMemory() {
    long[] total = new long[1];
    check("cuMemGetInfo", JCudaDriver.cuMemGetInfo(new long[1], total));
    return total[0];
  }

  /** Host memory that the device reads and writes directly. */
  @SuppressWarnings("restricted")
  static MemorySegment allocatePinned(long bytes) {
    ReturnedPointer pointer = new ReturnedPointer();
    check("cuMemAllocHost", JCudaDriver.cuMemAllocHost(pointer, bytes));
    return MemorySegment.ofAddress(pointer.address()).reinterpret(bytes);
  }

  static void freePinned(MemorySegment pinned) {
    check("cuMemFreeHost", JCudaDriver.cuMemFreeHost(new HostAddress(pinned.address())));
  }

  static void copyToDevice(long to, long fromHost, long bytes, CUstream stream) {
    check(
        "cuMemcpyHtoDAsync",
        JCudaDriver.cuMemcpyHtoDAsync(
            new DeviceAddress(to), new HostAddress(fromHost), bytes, stream));
  }

  static void copyToHost(long toHost, long from, long bytes, CUstream stream) {
    check(
        "cuMemcpyDtoHAsync",
        JCudaDriver.cuMemcpyDtoHAsync(
            new HostAddress(toHost), new DeviceAddress(from), bytes, stream));
  }

  static void copy(long to, long from, long bytes, CUstream stream) {
    check(
        "cuMemcpyDtoDAsync",
        JCudaDriver.cuMemcpyDtoDAsync(
            new DeviceAddress(to), new DeviceAddress(from), bytes, stream));
  }

  static void fill(long to, byte value, long bytes, CUstream stream) {
    check(
        "cuMemsetD8Async",
        JCudaDriver.cuMemsetD8Async(new DeviceAddress(to), value, bytes, stream));
  }

  // Streams, events, graphs

  static CUstream newStream() {
    CUstream stream = new Stream();
    check(
        "cuStreamCreate",
        JCudaDriver.cuStreamCreate(stream, CUstream_flags.CU_STREAM_NON_BLOCKING));
    return stream;
  }

  static void synchronize(CUstream stream) {
    check("cuStreamSynchronize", JCudaDriver.cuStreamSynchronize(stream));
  }

  static void destroy(CUstream stream) {
    check("cuStreamDestroy", JCudaDriver.cuStreamDestroy(stream));
  }

  /** An event that can time; its clock costs nothing measurable. */
  static CUevent newEvent() {
    CUevent event = new CUevent();
    check("cuEventCreate", JCudaDriver.cuEventCreate(event, CUevent_flags.CU_EVENT_DEFAULT));
    return event;
  }

  static void record(CUevent event, CUstream stream) {
    check("cuEventRecord", JCudaDriver.cuEventRecord(event, stream));
  }

  static void synchronize(CUevent event) {
    check("cuEventSynchronize", JCudaDriver.cuEventSynchronize(event));
  }

  static double milliseconds(CUevent from, CUevent to) {
    float[] milliseconds = new float[1];
    check("cuEventElapsedTime", JCudaDriver.cuEventElapsedTime(milliseconds, from, to));
    return milliseconds[0];
  }

  static void destroy(CUevent event) {
    check("cuEventDestroy", JCudaDriver.cuEventDestroy(event));
  }

  static void beginCapture(CUstream stream) {
    check(
        "cuStreamBeginCapture",
        JCudaDriver.cuStreamBeginCapture(stream, CAPTURE_MODE_THREAD_LOCAL));
  }

  /** Ends the capture and makes what was captured ready to be launched. */
  static CUgraphExec endCapture(CUstream stream) {
    CUgraph graph = new CUgraph();
    check("cuStreamEndCapture", JCudaDriver.cuStreamEndCapture(stream, graph));
    CUgraphExec executable = new CUgraphExec();
    try {
      check("cuGraphInstantiate", JCudaDriver.cuGraphInstantiate(executable, graph, 0));
    } finally {
      check("cuGraphDestroy", JCudaDriver.cuGraphDestroy(graph));
    }
    return executable;
  }

  static void launch(CUgraphExec graph, CUstream stream) {
    check("cuGraphLaunch", JCudaDriver.cuGraphLaunch(graph, stream));
  }

  static void destroy(CUgraphExec graph) {
    check("cuGraphExecDestroy", JCudaDriver.cuGraphExecDestroy(graph));
  }

  // Tensor maps

  /**
   * Encodes a tensor map: how the copy engine cuts boxes out of an array. Boxes are stored with the
   * 128-byte swizzle, elements outside the array read as zero.
   *
   * @param dataType CUtensorMapDataType
   * @param address first element, 16-byte aligned
   * @param extents elements on each axis, the fastest first
   * @param byteStrides bytes from one entry of axis 1, 2, .. to the next
   * @param steps from one element of a box to the next on each axis
   * @param box elements of a box on each axis
   */
  static byte[] encodeTensorMap(
      int dataType, long address, long[] extents, long[] byteStrides, int[] steps, int[] box) {
    int rank = extents.length;
    // The driver wants to know what a box spans, elements that are left out included.
    int[] span = new int[rank];
    Arrays.setAll(span, axis -> box[axis] * steps[axis]);
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment map = arena.allocate(TENSOR_MAP_BYTES, TENSOR_MAP_ALIGNMENT);
      int result =
          (int)
              ENCODE_TENSOR_MAP.invokeExact(
                  map,
                  dataType,
                  rank,
                  MemorySegment.ofAddress(address),
                  arena.allocateFrom(ValueLayout.JAVA_LONG, extents),
                  arena.allocateFrom(ValueLayout.JAVA_LONG, byteStrides),
                  arena.allocateFrom(ValueLayout.JAVA_INT, span),
                  arena.allocateFrom(ValueLayout.JAVA_INT, steps),
                  0, // no interleaving
                  3, // CU_TENSOR_MAP_SWIZZLE_128B
                  2, // CU_TENSOR_MAP_L2_PROMOTION_L2_128B
                  0); // zeros outside
      check("cuTensorMapEncodeTiled", result);
      return map.toArray(ValueLayout.JAVA_BYTE);
    } catch (CudaException e) {
      throw e;
    } catch (Throwable e) {
      throw new AssertionError("cuTensorMapEncodeTiled", e);
    }
  }

  @SuppressWarnings("restricted")
  private static MethodHandle encodeTensorMap() {
    return SymbolLookup.libraryLookup(Availability.library(), Arena.global())
        .find("cuTensorMapEncodeTiled")
        .map(
            function ->
                LINKER.downcallHandle(
                    function,
                    FunctionDescriptor.of(
                        ValueLayout.JAVA_INT,
                        ValueLayout.ADDRESS,
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_INT,
                        ValueLayout.ADDRESS,
                        ValueLayout.ADDRESS,
                        ValueLayout.ADDRESS,
                        ValueLayout.ADDRESS,
                        ValueLayout.ADDRESS,
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_INT,
                        ValueLayout.JAVA_INT)))
        .orElseThrow(() -> new CudaUnavailableException("the NVIDIA driver has no tensor maps"));
  }

  static void check(String call, int result) {
    if (result == 0) {
      return;
    }
    String[] text = new String[1];
    JCudaDriver.cuGetErrorString(result, text);
    throw new CudaException(call + ": " + text[0] + " (CUDA error " + result + ")");
  }
}
