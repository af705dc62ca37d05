package dev.orrery.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.cuda.EmulatedDriver.Setup;
import dev.orrery.kernels.cuda.EmulatedDriver.Variant;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import jcuda.driver.CUgraphExec;
import jcuda.driver.CUstream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;

/** Launches that overlap, and what the emulated driver refuses of them. */
@DisabledIfSystemProperty(named = "requireGpu", matches = "true")
class KernelLaunchTest {
  private static final int COUNT = 64;

  private EmulatedDriver driver;
  private EmulatedRun run;
  private CudaFunction reverse;
  private CUstream stream;
  private float[] values;
  private long x;
  private long out;

  @BeforeEach
  void open() {
    driver = EmulatedDriver.start(Setup.DEFAULT);
    run = new EmulatedRun(driver.testImages(Variant.CHECKED));
    reverse = run.device.function("Reverse", "reverse");
    stream = run.device.stream().handle();
    values = EmulatedRun.integers(1, COUNT);
    x = run.floats(values);
    out = run.allocate(4 * COUNT);
  }

  @AfterEach
  void close() {
    if (run != null) {
      EmulatedDriver.start(Setup.DEFAULT);
      run.close();
    }
  }

  private void launch(long from, long to, boolean overlaps) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment arguments = arena.allocateFrom(ValueLayout.JAVA_LONG, from, to);
      MemorySegment pointers = arena.allocate(ValueLayout.ADDRESS, 2);
      pointers.setAtIndex(ValueLayout.ADDRESS, 0, arguments);
      pointers.setAtIndex(ValueLayout.ADDRESS, 1, arguments.asSlice(Long.BYTES));
      new KernelLaunch(reverse, 1, 1, 1, COUNT, 0).issue(stream, pointers.address(), overlaps);
    }
  }

  private void assertRefused(String reason) {
    CudaException e = assertThrows(CudaException.class, () -> launch(x, out, true));
    assertTrue(e.getMessage().contains(reason), e.getMessage());
  }

  @Test
  void aKernelMayBeginWhileTheOneBeforeItRuns() {
    long before = driver.overlappingLaunches();
    launch(x, out, false);
    launch(out, x, true);
    assertArrayEquals(values, run.download(x, COUNT), "reversed twice");
    assertEquals(before + 1, driver.overlappingLaunches());
  }

  @Test
  void graphsKeepIt() {
    Driver.beginCapture(stream);
    launch(x, out, false);
    launch(out, x, true);
    CUgraphExec graph = Driver.endCapture(stream);
    long before = driver.overlappingLaunches();
    Driver.launch(graph, stream);
    Driver.launch(graph, stream);
    assertEquals(before + 2, driver.overlappingLaunches());
    assertArrayEquals(values, run.download(x, COUNT));
    Driver.destroy(graph);
  }

  @Test
  void nothingButAKernelMayBeBeforeIt() {
    launch(x, out, false);
    Driver.copy(out, x, 4 * COUNT, stream);
    assertRefused("expected a kernel before one that overlaps");
    launch(x, out, false);
    Driver.beginCapture(stream);
    assertRefused("expected a kernel before one that overlaps");
    Driver.destroy(Driver.endCapture(stream));
  }

  @Test
  void olderDevicesAndDriversDoNotHaveIt() {
    launch(x, out, false);
    driver.configure(Setup.DEFAULT.withCapability(80));
    assertRefused("from compute capability 9.0 on");
    driver.configure(Setup.DEFAULT.withDriverVersion(12020));
    launch(x, out, true);
    Driver.beginCapture(stream);
    launch(x, out, false);
    assertRefused("from CUDA 12.3 on");
    Driver.destroy(Driver.endCapture(stream));
  }
}
