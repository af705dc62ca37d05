package dev.orrery.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Random;

/**
 * What the tests of all kernels share: seeded inputs, outputs between guard zones, and the
 * comparison of a backend with the reference. The same case runs on every backend; only the limit
 * depends on the dtype that is computed with.
 */
public final class KernelHarness {
  /** Largest relative L2 error of an fp32 kernel against the reference with double accumulation. */
  public static final double FP32_LIMIT = 2e-6;

  private static final int GUARD_BYTES = 256;
  private static final byte GUARD = (byte) 0xA5;

  private KernelHarness() {}

  /** One kernel run on prepared inputs, writing all of {@code out}. */
  @FunctionalInterface
  public interface Run<K extends Kernel> {
    void run(K kernel, Tensor out);
  }

  /** A host tensor of normal deviates, rounded to the dtype. */
  public static Tensor normal(long seed, DType dtype, long... extents) {
    Shape shape = Shape.of(extents);
    Tensor tensor =
        Tensor.host(
            dtype,
            shape,
            Arena.ofAuto().allocate(Math.max(1, shape.elements() * dtype.byteSize()), 64));
    FloatView view = FloatView.of(tensor);
    Random random = new Random(seed);
    for (long i = 0; i < shape.elements(); i++) {
      view.set(i, random.nextGaussian());
    }
    return tensor;
  }

  /** A host fp32 tensor of normal deviates. */
  public static Tensor normal(long seed, long... extents) {
    return normal(seed, DType.F32, extents);
  }

  /**
   * Runs one case on the reference and on the Simd backend with one and with three threads;
   * requires the Simd results to agree with the reference within {@link #FP32_LIMIT}, to be the
   * same bits for both thread counts, and the bytes around the output to be untouched.
   */
  public static <K extends Kernel> void agree(Class<K> contract, Run<K> run, long... outExtents) {
    float[] expected = compute(CpuBackend.reference(2), contract, run, outExtents);
    float[] one = compute(CpuBackend.simd(1), contract, run, outExtents);
    float[] three = compute(CpuBackend.simd(3), contract, run, outExtents);
    assertClose(contract.getSimpleName(), expected, one, FP32_LIMIT);
    for (int i = 0; i < one.length; i++) {
      assertEquals(
          Float.floatToRawIntBits(one[i]),
          Float.floatToRawIntBits(three[i]),
          "element " + i + " depends on the threads");
    }
  }

  /**
   * Runs one case on one backend (which is closed afterwards) with guard zones around an fp32
   * output.
   */
  public static <K extends Kernel> float[] compute(
      Backend backend, Class<K> contract, Run<K> run, long... outExtents) {
    Shape shape = Shape.of(outExtents);
    long bytes = shape.elements() * 4;
    try (backend;
        Arena arena = Arena.ofShared()) {
      MemorySegment all = arena.allocate(bytes + 2 * GUARD_BYTES, 64);
      all.fill(GUARD);
      MemorySegment middle = all.asSlice(GUARD_BYTES, bytes);
      for (long i = 0; i < shape.elements(); i++) {
        middle.set(ValueLayout.JAVA_FLOAT, i * 4, Float.NaN);
      }
      run.run(backend.kernel(contract), Tensor.host(DType.F32, shape, middle));
      for (int i = 0; i < GUARD_BYTES; i++) {
        assertEquals(
            GUARD,
            all.get(ValueLayout.JAVA_BYTE, i),
            "byte " + (i - GUARD_BYTES) + " before the output was written");
        assertEquals(
            GUARD,
            all.get(ValueLayout.JAVA_BYTE, GUARD_BYTES + bytes + i),
            "byte " + i + " behind the output was written");
      }
      return middle.toArray(ValueLayout.JAVA_FLOAT);
    }
  }

  /**
   * Requires two results to agree: relative L2 error, and no element further off than 50 times that
   * share of the rms.
   */
  public static void assertClose(String what, float[] expected, float[] actual, double limit) {
    assertEquals(expected.length, actual.length, what + ": number of elements");
    double error = 0;
    double norm = 0;
    double largest = 0;
    for (int i = 0; i < expected.length; i++) {
      double difference = actual[i] - (double) expected[i];
      assertTrue(
          Double.isFinite(difference),
          what + ": element " + i + " is " + actual[i] + ", expected " + expected[i]);
      error += difference * difference;
      norm += (double) expected[i] * expected[i];
      largest = Math.max(largest, Math.abs(difference));
    }
    double relative = norm == 0 ? Math.sqrt(error) : Math.sqrt(error / norm);
    assertTrue(relative <= limit, what + ": relative L2 error " + relative + " above " + limit);
    double rms = Math.sqrt(norm / Math.max(1, expected.length));
    assertTrue(
        largest <= 50 * limit * Math.max(rms, 1e-30),
        what + ": largest error " + largest + " at rms " + rms);
  }
}
