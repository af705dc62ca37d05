package dev.orrery.kernels;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
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
import org.junit.jupiter.api.function.Executable;

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
   * same bits for both thread counts, and the bytes around the output to be untouched. An operation
   * with one implementation for both backends fails: it would agree with itself, whatever it does,
   * and {@link #shared} is what it needs.
   */
  public static <K extends Kernel> void agree(Class<K> contract, Run<K> run, long... outExtents) {
    assertEquals(
        2, implementations(contract), contract.getSimpleName() + ": implementations to compare");
    float[] expected = compute(CpuBackend.reference(2), contract, run, outExtents);
    float[] found = floats(threadless(contract, DType.F32, run, outExtents));
    assertClose(contract.getSimpleName(), expected, found, FP32_LIMIT);
  }

  /**
   * Runs one case of an operation whose one implementation serves both CPU backends, with one and
   * with three threads; requires the same bits for both, and the bytes around the output to be
   * untouched. Returns the output, for a comparison with a definition that the test writes itself.
   */
  public static <K extends Kernel> float[] shared(
      Class<K> contract, Run<K> run, long... outExtents) {
    return floats(shared(contract, DType.F32, run, outExtents));
  }

  /** The same for an output of any dtype; returns its bytes. */
  public static <K extends Kernel> byte[] shared(
      Class<K> contract, DType dtype, Run<K> run, long... outExtents) {
    assertEquals(
        1, implementations(contract), contract.getSimpleName() + ": implementations, see agree");
    return threadless(contract, dtype, run, outExtents);
  }

  /** How many classes the CPU backends have for an operation: 1 or 2. */
  private static int implementations(Class<? extends Kernel> contract) {
    try (Backend reference = CpuBackend.reference(1);
        Backend simd = CpuBackend.simd(1)) {
      Class<?> fast = simd.kernel(contract).getClass();
      return reference.kernel(contract).getClass() == fast ? 1 : 2;
    }
  }

  /** The output of the Simd backend, which must not depend on the threads. */
  private static <K extends Kernel> byte[] threadless(
      Class<K> contract, DType dtype, Run<K> run, long... outExtents) {
    byte[] one = bytes(CpuBackend.simd(1), contract, dtype, run, outExtents);
    byte[] three = bytes(CpuBackend.simd(3), contract, dtype, run, outExtents);
    assertArrayEquals(one, three, contract.getSimpleName() + " depends on the threads");
    return one;
  }

  /**
   * Runs one case on one backend (which is closed afterwards) with guard zones around an fp32
   * output.
   */
  public static <K extends Kernel> float[] compute(
      Backend backend, Class<K> contract, Run<K> run, long... outExtents) {
    return floats(bytes(backend, contract, DType.F32, run, outExtents));
  }

  /** The same for an output of any dtype; all its bits are ones before, in floats a NaN. */
  private static <K extends Kernel> byte[] bytes(
      Backend backend, Class<K> contract, DType dtype, Run<K> run, long... outExtents) {
    Shape shape = Shape.of(outExtents);
    long bytes = shape.elements() * dtype.byteSize();
    try (backend;
        Arena arena = Arena.ofShared()) {
      MemorySegment all = arena.allocate(bytes + 2 * GUARD_BYTES, 64);
      all.fill(GUARD);
      MemorySegment middle = all.asSlice(GUARD_BYTES, bytes);
      middle.fill((byte) 0xFF);
      run.run(backend.kernel(contract), Tensor.host(dtype, shape, middle));
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
      return middle.toArray(ValueLayout.JAVA_BYTE);
    }
  }

  private static float[] floats(byte[] bytes) {
    return MemorySegment.ofArray(bytes).toArray(ValueLayout.JAVA_FLOAT_UNALIGNED);
  }

  /** Requires a call to refuse an argument with a message: what was expected and what was found. */
  public static void refused(String message, Executable call) {
    assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
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
