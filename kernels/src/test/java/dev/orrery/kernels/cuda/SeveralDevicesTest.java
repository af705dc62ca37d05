package dev.orrery.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.orrery.kernels.cuda.EmulatedDriver.Setup;
import dev.orrery.kernels.cuda.EmulatedDriver.Variant;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;

/** Two devices in turns on one thread: each call meets the context of its own device. */
@DisabledIfSystemProperty(named = "requireGpu", matches = "true")
class SeveralDevicesTest {
  private static final int COUNT = 64;

  /** A device with two arrays, of which one becomes the reverse of the other. */
  private static final class Reversing implements AutoCloseable {
    final CudaDevice device;
    final CudaArena arena;
    final CudaFunction reverse;
    final CudaStream stream;
    final Tensor x;
    final Tensor out;

    Reversing(int ordinal, KernelImages images) {
      device = CudaDevice.open(ordinal, images);
      arena = new CudaArena(device);
      reverse = device.function("Reverse", "reverse");
      stream = device.stream();
      x = arena.empty(DType.F32, COUNT);
      out = arena.empty(DType.F32, COUNT);
    }

    void upload(float[] values) {
      stream.copyFromHost(MemorySegment.ofArray(values), CudaStream.address(x));
    }

    void run() {
      stream.launch(reverse, 1, 1, 1, COUNT, 0, x, out);
    }

    float[] download() {
      float[] values = new float[COUNT];
      stream.copyToHost(CudaStream.address(out), MemorySegment.ofArray(values));
      return values;
    }

    @Override
    public void close() {
      arena.close();
      device.close();
    }
  }

  @Test
  void takeTurnsOnAThread() {
    KernelImages images = EmulatedDriver.start(Setup.DEFAULT).testImages(Variant.CHECKED);
    try (Reversing one = new Reversing(0, images);
        Reversing two = new Reversing(1, images)) {
      long free = one.device.freeMemory();
      for (int round = 0; round < 3; round++) {
        float[] first = EmulatedRun.integers(round, COUNT);
        float[] second = EmulatedRun.integers(round + 10, COUNT);
        one.upload(first);
        two.upload(second);
        one.run();
        two.stream.batch(two::run);
        one.stream.batch(one::run);
        two.run();
        assertArrayEquals(reversed(first), one.download());
        assertArrayEquals(reversed(second), two.download());
        two.stream.synchronize();
        one.stream.scratch(DType.F32, COUNT << round);
        assertEquals(
            free - one.device.freeMemory(), scratchBytes(round), "memory of the first device");
      }
      assertEquals("cuda:1", two.device.name());
    }
  }

  /** What was too small is kept. */
  private static long scratchBytes(int round) {
    return 4L * COUNT * ((2 << round) - 1);
  }

  private static float[] reversed(float[] values) {
    float[] reversed = new float[values.length];
    for (int i = 0; i < values.length; i++) {
      reversed[i] = values[values.length - 1 - i];
    }
    return reversed;
  }
}
