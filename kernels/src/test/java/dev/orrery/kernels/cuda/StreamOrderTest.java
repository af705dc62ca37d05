package dev.orrery.kernels.cuda;

import static jcuda.driver.JCudaDriver.cuEventCreate;
import static jcuda.driver.JCudaDriver.cuEventDestroy;
import static jcuda.driver.JCudaDriver.cuEventRecord;
import static jcuda.driver.JCudaDriver.cuStreamWaitEvent;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.cuda.EmulatedDriver.Setup;
import dev.orrery.kernels.cuda.EmulatedDriver.Variant;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import jcuda.driver.CUevent;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;

/**
 * The emulated driver makes calls at once, and still finds out those which use memory of another
 * stream without waiting for it.
 */
@DisabledIfSystemProperty(named = "requireGpu", matches = "true")
class StreamOrderTest {
  private static final int COUNT = 64;
  private static final int BYTES = 4 * COUNT;

  private final ExecutorService other = Executors.newSingleThreadExecutor();
  private EmulatedRun run;
  private CudaFunction reverse;
  private CudaStream stream;
  private long x;
  private long out;

  @BeforeEach
  void open() {
    run = new EmulatedRun(EmulatedDriver.start(Setup.DEFAULT).testImages(Variant.CHECKED));
    reverse = run.device.function("Reverse", "reverse");
    stream = run.device.stream();
    x = run.allocate(2 * BYTES);
    out = run.allocate(BYTES);
    stream.zero(x, 2 * BYTES);
    stream.zero(out, BYTES);
  }

  @AfterEach
  void close() {
    other.close();
    if (run != null) {
      run.close();
    }
  }

  private void reverse(CudaStream on, long from, long to) {
    on.launch(reverse, 1, 1, 1, COUNT, 0, from, to);
  }

  private void onOtherStream(Runnable calls) throws Exception {
    other.submit(calls).get();
  }

  private void assertTooEarly(String report, Runnable calls) {
    ExecutionException e = assertThrows(ExecutionException.class, () -> onOtherStream(calls));
    assertTrue(e.getCause() instanceof CudaException, e::toString);
    assertTrue(e.getMessage().contains(report), e.getMessage());
  }

  @Test
  void whatIsReadMustHaveBeenWritten() throws Exception {
    long values = run.floats(EmulatedRun.integers(1, COUNT));
    assertTooEarly(
        "memory that cuMemcpyHtoDAsync on stream", () -> reverse(run.device.stream(), values, out));
    stream.synchronize();
    onOtherStream(() -> reverse(run.device.stream(), values, out));
  }

  @Test
  void copiesWaitForKernelsToo() throws Exception {
    reverse(stream, x, out);
    assertTooEarly("memory that reverse on stream", () -> run.download(out, COUNT));
    stream.synchronize();
    onOtherStream(() -> assertArrayEquals(new float[COUNT], run.download(out, COUNT)));
  }

  @Test
  void whatIsWrittenMustHaveBeenRead() throws Exception {
    reverse(stream, x, out);
    assertTooEarly(
        "writes memory that reverse on stream",
        () -> run.device.stream().copy(x, x + BYTES, BYTES));
    stream.synchronize();
    onOtherStream(() -> run.device.stream().copy(x, x + BYTES, BYTES));
  }

  @Test
  void partsOfAnAllocationAreApart() throws Exception {
    reverse(stream, x, out);
    onOtherStream(() -> run.device.stream().zero(x + BYTES, BYTES));
  }

  @Test
  void batchesAreInOrderLikeSingleCalls() throws Exception {
    stream.batch(() -> reverse(stream, x, out));
    CudaStream late = other.submit(run.device::stream).get();
    assertTooEarly("does not wait", () -> late.batch(() -> reverse(late, out, x)));
    stream.synchronize();
    onOtherStream(() -> late.batch(() -> reverse(late, out, x)));
  }

  @Test
  void anEventOrdersStreamsWithoutTheHost() throws Exception {
    CUevent done = new CUevent();
    assertEquals(0, cuEventCreate(done, 0));
    reverse(stream, x, out);
    assertEquals(0, cuEventRecord(done, stream.handle()));
    onOtherStream(
        () -> {
          CudaStream own = run.device.stream();
          assertEquals(0, cuStreamWaitEvent(own.handle(), done, 0));
          reverse(own, out, x);
        });
    // The first stream does not know what the second one did since.
    assertThrows(CudaException.class, () -> reverse(stream, x, out));
    assertEquals(0, cuEventDestroy(done));
  }
}
