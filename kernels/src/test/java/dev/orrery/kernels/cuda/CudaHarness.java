package dev.orrery.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.CudaBackend;
import dev.orrery.kernels.KernelHarness;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.elementwise.ConvertCpu;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Random;

/**
 * What the tests of all CUDA kernels share. A case is written once: it asks {@link Inputs} for its
 * tensors, runs a kernel and returns what came out. It runs on the fp32 reference, with inputs
 * rounded to the dtype under test, and on the GPU in that dtype, emulated unless {@code
 * -DrequireGpu=true} asks for a real one.
 */
public final class CudaHarness {
  /** Largest relative L2 error of an operation that stores bf16, which has 8 bits of mantissa. */
  public static final double BF16_LIMIT = 5e-3;

  /** Largest relative L2 error of an operation that stores fp16, which has 11 bits of mantissa. */
  public static final double FP16_LIMIT = 7e-4;

  /** Orders in which the emulator runs the threads of a block. */
  private static final long[] SCHEDULES = {1, 2, 3};

  private static final int PORTABLE = 80;
  private static final int HOPPER = 90;

  private CudaHarness() {}

  /** One run of a kernel; returns the tensor that holds the result. */
  @FunctionalInterface
  public interface Case<K extends Kernel> {
    Tensor run(K kernel, Inputs inputs);
  }

  /** Makes the tensors of a case on the backend that it runs on. */
  public static final class Inputs {
    private final Backend backend;
    private final TensorArena arena;
    private final DType dtype;

    Inputs(Backend backend, TensorArena arena, DType dtype) {
      this.backend = backend;
      this.arena = arena;
      this.dtype = dtype;
    }

    /** Whether the case runs on the GPU now, not on the reference. */
    public boolean onGpu() {
      return !backend.usesHostMemory();
    }

    /** Normal deviates in the dtype under test; on the reference their values in fp32. */
    public Tensor activation(long seed, long... extents) {
      return rounded(seed, dtype, extents);
    }

    /** Normal deviates rounded to a dtype; on the reference their values in fp32. */
    public Tensor rounded(long seed, DType to, long... extents) {
      Tensor values = KernelHarness.normal(seed, to, extents);
      return onGpu() ? moved(values) : widened(values);
    }

    /** Normal deviates in a dtype of their own, the same on both sides: weights, fp32 operands. */
    public Tensor exactly(long seed, DType own, long... extents) {
      return moved(KernelHarness.normal(seed, own, extents));
    }

    /** Fp32 normal deviates on both sides. */
    public Tensor fp32(long seed, long... extents) {
      return exactly(seed, DType.F32, extents);
    }

    /** These values rounded to the dtype under test; on the reference the rounded ones in fp32. */
    public Tensor values(float[] values, long... extents) {
      Tensor rounded = host(dtype, Shape.of(extents));
      new ConvertCpu().launch(Tensor.of(values, extents), rounded);
      return onGpu() ? moved(rounded) : widened(rounded);
    }

    /** Seeded random bytes. */
    public Tensor bytes(long seed, long... extents) {
      byte[] bytes = new byte[Math.toIntExact(Shape.of(extents).elements())];
      new Random(seed).nextBytes(bytes);
      return moved(Tensor.host(DType.U8, Shape.of(extents), MemorySegment.ofArray(bytes)));
    }

    /** A host tensor brought to the backend as it is. */
    public Tensor moved(Tensor host) {
      Tensor copy = arena.empty(host.dtype(), host.shape().extents());
      backend.copy(host, copy);
      return copy;
    }

    /** Room for a result in the dtype under test (fp32 on the reference), filled with NaN. */
    public Tensor output(long... extents) {
      return outputOf(dtype, extents);
    }

    /** Room for a result in a dtype of its own (fp32 on the reference), filled with NaN. */
    public Tensor outputOf(DType own, long... extents) {
      Tensor out = arena.empty(onGpu() || !own.isWeightType() ? own : DType.F32, extents);
      byte[] ones = new byte[Math.toIntExact(out.byteSize())];
      Arrays.fill(ones, (byte) 0xFF);
      backend.copy(Tensor.host(out.dtype(), out.shape(), MemorySegment.ofArray(ones)), out);
      return out;
    }

    private static Tensor widened(Tensor values) {
      Tensor fp32 = host(DType.F32, values.shape());
      new ConvertCpu().launch(values, fp32);
      return fp32;
    }
  }

  /**
   * Runs a case in a dtype on the portable kernels and on those for Hopper, and requires both to
   * agree with the reference within the dtype's limit, whatever the order of threads.
   */
  public static <K extends Kernel> void agree(Class<K> contract, DType dtype, Case<K> run) {
    agree(contract, dtype, limit(dtype), run);
  }

  /** The same with a limit of its own. */
  public static <K extends Kernel> void agree(
      Class<K> contract, DType dtype, double limit, Case<K> run) {
    float[] expected = reference(contract, dtype, run);
    for (int capability : new int[] {PORTABLE, HOPPER}) {
      if (CudaTestDevice.supports(capability)) {
        String what = contract.getSimpleName() + " " + dtype + " on capability " + capability;
        KernelHarness.assertClose(what, expected, onGpu(contract, dtype, capability, run), limit);
      }
    }
  }

  /** Runs a case on both sides and requires the same values to the bit. */
  public static <K extends Kernel> void same(Class<K> contract, DType dtype, Case<K> run) {
    float[] expected = reference(contract, dtype, run);
    for (int capability : new int[] {PORTABLE, HOPPER}) {
      if (CudaTestDevice.supports(capability)) {
        assertArrayEquals(expected, onGpu(contract, dtype, capability, run));
      }
    }
  }

  /** What the fp32 reference gives for a case whose inputs are rounded to a dtype. */
  public static <K extends Kernel> float[] reference(Class<K> contract, DType dtype, Case<K> run) {
    try (CpuBackend backend = CpuBackend.reference(2);
        TensorArena arena = backend.newArena()) {
      return values(backend, run.run(backend.kernel(contract), new Inputs(backend, arena, dtype)));
    }
  }

  /**
   * What a GPU gives for a case; emulated ones run it in several orders of threads and must give
   * the same bits each time.
   *
   * @param capability compute capability times ten
   */
  public static <K extends Kernel> float[] onGpu(
      Class<K> contract, DType dtype, int capability, Case<K> run) {
    CudaBackend backend = CudaTestDevice.open(capability);
    float[] first = null;
    for (long schedule : SCHEDULES) {
      CudaTestDevice.schedule(schedule);
      try (TensorArena arena = backend.newArena()) {
        Tensor out = run.run(backend.kernel(contract), new Inputs(backend, arena, dtype));
        float[] values = values(backend, out);
        if (first == null) {
          first = values;
        }
        assertArrayEquals(first, values, "the result depends on the order of threads");
      }
    }
    return first;
  }

  private static double limit(DType dtype) {
    return switch (dtype) {
      case BF16 -> BF16_LIMIT;
      case F16 -> FP16_LIMIT;
      default -> KernelHarness.FP32_LIMIT;
    };
  }

  private static float[] values(Backend backend, Tensor out) {
    Tensor host = host(out.dtype(), out.shape());
    backend.copy(out, host);
    float[] values = new float[Math.toIntExact(out.elements())];
    if (out.dtype() == DType.U8) {
      for (int i = 0; i < values.length; i++) {
        values[i] = host.segment().get(ValueLayout.JAVA_BYTE, i) & 0xFF;
      }
    } else {
      FloatView.of(host).copy(0, values, 0, values.length);
    }
    return values;
  }

  private static Tensor host(DType dtype, Shape shape) {
    long bytes = Math.max(1, shape.elements() * dtype.byteSize());
    return Tensor.host(dtype, shape, Arena.ofAuto().allocate(bytes, 64));
  }
}
