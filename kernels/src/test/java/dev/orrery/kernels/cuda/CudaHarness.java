package dev.orrery.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.orrery.kernels.CudaBackend;
import dev.orrery.kernels.KernelCase;
import dev.orrery.kernels.KernelHarness;
import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;

/**
 * What the tests of all CUDA kernels share. A {@link KernelCase} runs on the fp32 reference, with
 * inputs rounded to the dtype under test, and on the GPU in that dtype, emulated unless {@code
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

  /**
   * Runs a case in a dtype on the portable kernels and on those for Hopper, and requires both to
   * agree with the reference within the dtype's limit, whatever the order of threads.
   */
  public static <K extends Kernel> void agree(Class<K> contract, DType dtype, KernelCase<K> run) {
    agree(contract, dtype, limit(dtype), run);
  }

  /** The same with a limit of its own. */
  public static <K extends Kernel> void agree(
      Class<K> contract, DType dtype, double limit, KernelCase<K> run) {
    agree(contract, dtype, limit, run, PORTABLE, HOPPER);
  }

  /** The same of what only a Hopper GPU does its own way. */
  public static <K extends Kernel> void agreeOnHopper(
      Class<K> contract, DType dtype, KernelCase<K> run) {
    agree(contract, dtype, limit(dtype), run, HOPPER);
  }

  private static <K extends Kernel> void agree(
      Class<K> contract, DType dtype, double limit, KernelCase<K> run, int... capabilities) {
    float[] expected = KernelCase.reference(contract, dtype, run);
    for (int capability : capabilities) {
      if (CudaTestDevice.supports(capability)) {
        String what = contract.getSimpleName() + " " + dtype + " on capability " + capability;
        KernelHarness.assertClose(what, expected, onGpu(contract, dtype, capability, run), limit);
      }
    }
  }

  /** Runs a case on both sides and requires the same values to the bit. */
  public static <K extends Kernel> void same(Class<K> contract, DType dtype, KernelCase<K> run) {
    float[] expected = KernelCase.reference(contract, dtype, run);
    for (int capability : new int[] {PORTABLE, HOPPER}) {
      if (CudaTestDevice.supports(capability)) {
        assertArrayEquals(expected, onGpu(contract, dtype, capability, run));
      }
    }
  }

  /**
   * What a GPU gives for a case; emulated ones run it in several orders of threads and must give
   * the same bits each time.
   *
   * @param capability compute capability times ten
   */
  public static <K extends Kernel> float[] onGpu(
      Class<K> contract, DType dtype, int capability, KernelCase<K> run) {
    CudaBackend backend = CudaTestDevice.open(capability);
    float[] first = null;
    for (long schedule : SCHEDULES) {
      CudaTestDevice.schedule(schedule);
      try (TensorArena arena = backend.newArena()) {
        Tensor out =
            run.run(backend.kernel(contract), new KernelCase.Inputs(backend, arena, dtype));
        float[] values = KernelCase.values(backend, out);
        if (first == null) {
          first = values;
        }
        assertArrayEquals(first, values, "the result depends on the order of threads");
      }
    }
    return first;
  }

  /** Largest relative L2 error of an operation that stores a dtype. */
  static double limit(DType dtype) {
    return switch (dtype) {
      case BF16 -> BF16_LIMIT;
      case F16 -> FP16_LIMIT;
      default -> KernelHarness.FP32_LIMIT;
    };
  }
}
