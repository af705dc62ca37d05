package dev.orrery.kernels.cuda;

import static jcuda.driver.JCudaDriver.cuCtxSynchronize;
import static jcuda.driver.JCudaDriver.cuEventCreate;
import static jcuda.driver.JCudaDriver.cuEventRecord;
import static jcuda.driver.JCudaDriver.cuGraphDestroy;
import static jcuda.driver.JCudaDriver.cuGraphExecDestroy;
import static jcuda.driver.JCudaDriver.cuGraphGetNodes;
import static jcuda.driver.JCudaDriver.cuGraphInstantiate;
import static jcuda.driver.JCudaDriver.cuGraphLaunch;
import static jcuda.driver.JCudaDriver.cuLaunchKernel;
import static jcuda.driver.JCudaDriver.cuMemAlloc;
import static jcuda.driver.JCudaDriver.cuMemFree;
import static jcuda.driver.JCudaDriver.cuMemGetInfo;
import static jcuda.driver.JCudaDriver.cuMemcpyDtoD;
import static jcuda.driver.JCudaDriver.cuMemcpyDtoDAsync;
import static jcuda.driver.JCudaDriver.cuMemcpyDtoH;
import static jcuda.driver.JCudaDriver.cuMemcpyHtoD;
import static jcuda.driver.JCudaDriver.cuMemsetD32Async;
import static jcuda.driver.JCudaDriver.cuStreamBeginCapture;
import static jcuda.driver.JCudaDriver.cuStreamCreate;
import static jcuda.driver.JCudaDriver.cuStreamDestroy;
import static jcuda.driver.JCudaDriver.cuStreamEndCapture;
import static jcuda.driver.JCudaDriver.cuStreamSynchronize;
import static jcuda.driver.JCudaDriver.cuStreamWaitEvent;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.cuda.EmulatedDriver.Setup;
import dev.orrery.kernels.cuda.EmulatedDriver.Variant;
import java.util.function.IntSupplier;
import jcuda.Pointer;
import jcuda.driver.CUdeviceptr;
import jcuda.driver.CUevent;
import jcuda.driver.CUfunction;
import jcuda.driver.CUgraph;
import jcuda.driver.CUgraphExec;
import jcuda.driver.CUgraphNode;
import jcuda.driver.CUstream;
import jcuda.driver.CUstreamCaptureMode;
import jcuda.driver.JCudaDriver;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** JCuda on the emulated driver: what a real driver does with memory, streams and graphs. */
class DriverEmulationTest {
  private static final int SUCCESS = 0;
  private static final int INVALID_VALUE = 1;
  private static final int OUT_OF_MEMORY = 2;
  private static final int INVALID_CONTEXT = 201;
  private static final int ILLEGAL_ADDRESS = 700;
  private static final int OUT_OF_RESOURCES = 701;
  private static final int CAPTURE_UNSUPPORTED = 900;
  private static final int CAPTURE_INVALIDATED = 901;
  private static final int COUNT = 64;
  private static final int BYTES = 4 * COUNT;

  private EmulatedDriver driver;
  private CudaDevice device;
  private CUfunction reverse;
  private CUdeviceptr x;
  private CUdeviceptr out;
  private CUstream stream;

  @BeforeEach
  void open() {
    driver = EmulatedDriver.start(Setup.DEFAULT);
    device = CudaDevice.open(0, driver.testImages(Variant.CHECKED));
    reverse = device.function("Reverse", "reverse").handle();
    x = allocate();
    out = allocate();
    stream = new CUstream();
    check(cuStreamCreate(stream, 0));
  }

  @AfterEach
  void close() {
    if (driver == null) {
      return; // skipped: nothing emulates here
    }
    check(cuStreamDestroy(stream));
    check(cuMemFree(x));
    check(cuMemFree(out));
    device.close();
  }

  @Test
  void newMemoryIsPoisoned() {
    for (float value : download(x)) {
      assertTrue(Float.isNaN(value), "new memory holds " + value);
    }
  }

  @Test
  void graphsReplayWhatWasCapturedWithItsArguments() {
    float[] values = EmulatedRun.integers(1, COUNT);
    upload(x, values);
    long launches = driver.launches();
    begin();
    check(launch(x, out, stream));
    check(cuMemcpyDtoDAsync(x, out, BYTES, stream));
    CUgraph graph = end();
    assertEquals(launches, driver.launches(), "captured launches must not run");
    long[] nodes = new long[1];
    check(cuGraphGetNodes(graph, new CUgraphNode[2], nodes));
    assertEquals(2, nodes[0]);
    CUgraphExec executable = new CUgraphExec();
    check(cuGraphInstantiate(executable, graph, 0));
    check(cuGraphDestroy(graph));
    check(cuGraphLaunch(executable, stream));
    assertArrayEquals(reversed(values), download(x));
    check(cuGraphLaunch(executable, stream));
    assertArrayEquals(values, download(x), "reversed twice");
    check(cuGraphExecDestroy(executable));
  }

  /** Registers are given eight by eight: 129 are 136. */
  @Test
  void blocksHaveNoMoreRegistersThanAMultiprocessor() {
    driver.setRegisters("reverse", Setup.DEFAULT.capability(), 129);
    try {
      assertEquals(OUT_OF_RESOURCES, launch(512, x, out, stream));
      assertEquals(
          "cuLaunchKernel: reverse with 512 threads of 136 registers, a block has 65536",
          lastError(OUT_OF_RESOURCES));
      check(launch(x, out, stream));
    } finally {
      driver.setRegisters("reverse", Setup.DEFAULT.capability(), 0);
    }
  }

  @Test
  void streamsJoinCapturesThroughEvents() {
    CUstream other = new CUstream();
    check(cuStreamCreate(other, 0));
    CUevent fork = new CUevent();
    check(cuEventCreate(fork, 0));
    begin();
    check(cuEventRecord(fork, stream));
    check(cuStreamWaitEvent(other, fork, 0));
    check(cuMemsetD32Async(out, Float.floatToRawIntBits(3), COUNT, other));
    CUgraph graph = end();
    assertTrue(Float.isNaN(download(out)[0]), "captured calls must not run");
    CUgraphExec executable = new CUgraphExec();
    check(cuGraphInstantiate(executable, graph, 0));
    check(cuGraphLaunch(executable, stream));
    assertEquals(3, download(out)[COUNT - 1]);
    check(cuStreamDestroy(other));
  }

  @Test
  void callsThatWaitOrAllocateEndACapture() {
    requireEndsCapture(() -> cuStreamSynchronize(stream));
    requireEndsCapture(() -> cuCtxSynchronize());
    requireEndsCapture(() -> cuMemAlloc(new CUdeviceptr(), BYTES));
    requireEndsCapture(() -> cuMemcpyDtoH(Pointer.to(new float[COUNT]), x, BYTES));
  }

  private void requireEndsCapture(IntSupplier call) {
    begin();
    assertEquals(CAPTURE_UNSUPPORTED, call.getAsInt());
    assertEquals(CAPTURE_INVALIDATED, launch(x, out, stream));
    assertEquals(CAPTURE_INVALIDATED, cuStreamEndCapture(stream, new CUgraph()));
    check(cuStreamSynchronize(stream));
  }

  @Test
  void memoryIsCountedAndRunsOut() {
    long[] before = new long[1];
    long[] total = new long[1];
    check(cuMemGetInfo(before, total));
    driver.configure(Setup.DEFAULT.withTotalMemory(total[0] - before[0] + 1000));
    CUdeviceptr large = new CUdeviceptr();
    assertEquals(OUT_OF_MEMORY, cuMemAlloc(large, 1001));
    check(cuMemAlloc(large, 1000));
    assertEquals(OUT_OF_MEMORY, cuMemAlloc(new CUdeviceptr(), 1));
    check(cuMemFree(large));
    check(cuMemAlloc(large, 1));
    check(cuMemFree(large));
  }

  @Test
  void useAfterFreeAndDoubleFreeAreReported() {
    CUdeviceptr freed = allocate();
    check(cuMemFree(freed));
    assertEquals(ILLEGAL_ADDRESS, launch(freed, out, stream));
    assertTrue(lastError(ILLEGAL_ADDRESS).contains("in freed memory"), lastError(ILLEGAL_ADDRESS));
    assertEquals(INVALID_VALUE, cuMemFree(freed));
    assertEquals(INVALID_VALUE, cuMemcpyHtoD(freed, Pointer.to(new float[COUNT]), BYTES));
  }

  @Test
  void copiesThatOverlapOrLeaveAnAllocationAreErrors() {
    assertEquals(INVALID_VALUE, cuMemcpyDtoD(x, x.withByteOffset(4), BYTES - 4));
    check(cuMemcpyDtoD(x, x.withByteOffset(BYTES / 2), BYTES / 2));
    assertEquals(INVALID_VALUE, cuMemcpyDtoD(out, x.withByteOffset(4), BYTES));
  }

  @Test
  void writesBehindAnAllocationAreFoundWithoutChecksToo() {
    CudaFunction fast;
    try (CudaDevice unchecked =
        CudaDevice.open(
            0,
            driver.editedTestImages(
                Variant.FAST, "Reverse", "out[threadIdx.x] =", "out[threadIdx.x + 4] ="))) {
      fast = unchecked.function("Reverse", "reverse");
      upload(x, new float[COUNT]);
      reverse = fast.handle();
      assertEquals(ILLEGAL_ADDRESS, launch(x, out, stream));
      assertTrue(lastError(ILLEGAL_ADDRESS).contains("behind 256 bytes"));
    }
  }

  @Test
  void threadsNeedACurrentContext() throws InterruptedException {
    int[] result = new int[1];
    Thread thread = new Thread(() -> result[0] = cuMemAlloc(new CUdeviceptr(), 1));
    thread.start();
    thread.join();
    assertEquals(INVALID_CONTEXT, result[0]);
  }

  private int launch(CUdeviceptr from, CUdeviceptr to, CUstream on) {
    return launch(COUNT, from, to, on);
  }

  private int launch(int threads, CUdeviceptr from, CUdeviceptr to, CUstream on) {
    Pointer arguments = Pointer.to(Pointer.to(from), Pointer.to(to));
    return cuLaunchKernel(reverse, 1, 1, 1, threads, 1, 1, 0, on, arguments, null);
  }

  private void begin() {
    check(cuStreamBeginCapture(stream, CUstreamCaptureMode.CU_STREAM_CAPTURE_MODE_THREAD_LOCAL));
  }

  private CUgraph end() {
    CUgraph graph = new CUgraph();
    check(cuStreamEndCapture(stream, graph));
    return graph;
  }

  private static CUdeviceptr allocate() {
    CUdeviceptr pointer = new CUdeviceptr();
    check(cuMemAlloc(pointer, BYTES));
    return pointer;
  }

  private static void upload(CUdeviceptr to, float[] values) {
    check(cuMemcpyHtoD(to, Pointer.to(values), BYTES));
  }

  private static float[] download(CUdeviceptr from) {
    float[] values = new float[COUNT];
    check(cuMemcpyDtoH(Pointer.to(values), from, BYTES));
    return values;
  }

  private static float[] reversed(float[] values) {
    float[] reversed = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      reversed[i] = values[values.length - 1 - i];
    }
    return reversed;
  }

  private static void check(int result) {
    assertEquals(SUCCESS, result, () -> lastError(result));
  }

  private static String lastError(int result) {
    String[] text = new String[1];
    JCudaDriver.cuGetErrorString(result, text);
    return text[0];
  }
}
