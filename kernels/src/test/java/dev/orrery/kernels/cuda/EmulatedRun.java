package dev.orrery.kernels.cuda;

import dev.orrery.kernels.tensor.Float8;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;

/** An emulated device with arrays on it, for tests of the emulator itself. */
final class EmulatedRun implements AutoCloseable {
  final CudaDevice device;
  private final List<Long> allocations = new ArrayList<>();

  EmulatedRun(KernelImages images) {
    device = CudaDevice.open(0, images);
    device.bind();
  }

  /** New bytes on the device, all 0xFF. */
  long allocate(long bytes) {
    long address = Driver.allocate(bytes);
    allocations.add(address);
    return address;
  }

  /** A copy of these values on the device. */
  long floats(float[] values) {
    long address = allocate(4L * values.length);
    device.stream().copyFromHost(MemorySegment.ofArray(values), address);
    return address;
  }

  /** A copy of these values on the device. */
  long shorts(short[] values) {
    long address = allocate(2L * values.length);
    device.stream().copyFromHost(MemorySegment.ofArray(values), address);
    return address;
  }

  /** A copy of these values on the device. */
  long bytes(byte[] values) {
    long address = allocate(values.length);
    device.stream().copyFromHost(MemorySegment.ofArray(values), address);
    return address;
  }

  float[] download(long address, int count) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment host = arena.allocate(ValueLayout.JAVA_FLOAT, count);
      device.stream().copyToHost(address, host);
      return host.toArray(ValueLayout.JAVA_FLOAT);
    }
  }

  byte[] downloadBytes(long address, int count) {
    try (Arena arena = Arena.ofConfined()) {
      MemorySegment host = arena.allocate(count);
      device.stream().copyToHost(address, host);
      return host.toArray(ValueLayout.JAVA_BYTE);
    }
  }

  /** Small integers, whose products and sums are exact in every type. */
  static float[] integers(long seed, int count) {
    Random random = new Random(seed);
    float[] values = new float[count];
    for (int i = 0; i < count; i++) {
      values[i] = random.nextInt(-4, 5);
    }
    return values;
  }

  static short[] bf16(float[] values) {
    short[] bits = new short[values.length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = (short) (Float.floatToRawIntBits(values[i]) >>> 16);
    }
    return bits;
  }

  static short[] f16(float[] values) {
    short[] bits = new short[values.length];
    for (int i = 0; i < bits.length; i++) {
      bits[i] = Float.floatToFloat16(values[i]);
    }
    return bits;
  }

  static byte[] e4m3(float[] values) {
    byte[] codes = new byte[values.length];
    for (int i = 0; i < codes.length; i++) {
      codes[i] = Float8.encode(values[i]);
    }
    return codes;
  }

  static byte[] int8(float[] values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < bytes.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }

  /** The matrix a [m][k] times the transposed matrix b [n][k]. */
  static float[] product(float[] a, float[] b, int m, int n, int k) {
    float[] out = new float[m * n];
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        double sum = 0;
        for (int l = 0; l < k; l++) {
          sum += (double) a[i * k + l] * b[j * k + l];
        }
        out[i * n + j] = (float) sum;
      }
    }
    return out;
  }

  @Override
  public void close() {
    allocations.forEach(Driver::free);
    device.close();
  }
}
