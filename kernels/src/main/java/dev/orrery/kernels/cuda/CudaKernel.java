package dev.orrery.kernels.cuda;

import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.tensor.Check;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.util.Arrays;
import java.util.Locale;

/** What the launchers of all operations share. */
public abstract class CudaKernel implements Kernel {
  private final CudaDevice device;

  protected CudaKernel(CudaDevice device) {
    this.device = device;
  }

  /** Fp32, fp16 and bf16. */
  @Override
  public boolean accepts(DType activations) {
    return activations.isWeightType();
  }

  protected final CudaDevice device() {
    return device;
  }

  protected final CudaStream stream() {
    return device.stream();
  }

  /**
   * A function that a source file defines once for each dtype of activations, named {@code
   * base_f32}, {@code base_f16} and {@code base_bf16}.
   */
  protected final ByDType functions(String stem, String base) {
    return new ByDType(
        device.function(stem, base + suffix(DType.F32)),
        device.function(stem, base + suffix(DType.F16)),
        device.function(stem, base + suffix(DType.BF16)));
  }

  /**
   * A function that a source file defines once for each pair of dtypes it reads and writes, named
   * {@code base_f32_bf16} and so on, the dtype it reads first.
   */
  protected final ByPair functionsOfPairs(String stem, String base) {
    return new ByPair(
        functions(stem, base + suffix(DType.F32)),
        functions(stem, base + suffix(DType.F16)),
        functions(stem, base + suffix(DType.BF16)));
  }

  /** How names of functions end that compute on a dtype: {@code _bf16}. */
  protected static String suffix(DType dtype) {
    return "_" + dtype.name().toLowerCase(Locale.ROOT);
  }

  /** Whether all tensors start where vector loads of 16 bytes may. */
  protected static boolean areAligned(Tensor... tensors) {
    return Arrays.stream(tensors).allMatch(tensor -> CudaStream.address(tensor) % 16 == 0);
  }

  /**
   * Requires a vector of parameters in the form of {@link
   * dev.orrery.kernels.backend.Backend#upload}.
   */
  protected static void requireVector(String argument, Tensor vector) {
    Check.that(
        vector == null || vector.dtype() == DType.F32,
        argument + ": expected F32 as upload gives it for vectors on a GPU, found " + vector);
  }

  /**
   * Requires a matrix of weights in the form of {@link dev.orrery.kernels.backend.Backend#upload}:
   * any floating-point type beside fp32 activations, else theirs.
   */
  protected static void requireMatrix(String argument, Tensor matrix, DType activations) {
    Check.that(
        activations == DType.F32 || matrix.dtype() == activations,
        argument
            + ": expected "
            + activations
            + " like the activations, as upload gives it on a GPU, found "
            + matrix);
  }

  /** Whether a tensor's first element lies at a multiple of so many bytes. */
  protected static boolean isAligned(Tensor tensor, int bytes) {
    return CudaStream.address(tensor) % bytes == 0;
  }

  /**
   * One function for each dtype of activations.
   *
   * @param f32 for fp32
   * @param f16 for fp16
   * @param bf16 for bf16
   */
  protected record ByDType(CudaFunction f32, CudaFunction f16, CudaFunction bf16) {
    /** The function for a dtype. */
    public CudaFunction of(DType dtype) {
      return switch (dtype) {
        case F32 -> f32;
        case F16 -> f16;
        case BF16 -> bf16;
        default -> throw new IllegalArgumentException("no kernel computes on " + dtype);
      };
    }
  }

  /**
   * One function for each pair of dtypes that are read and written.
   *
   * @param f32 those that read fp32
   * @param f16 those that read fp16
   * @param bf16 those that read bf16
   */
  protected record ByPair(ByDType f32, ByDType f16, ByDType bf16) {
    /** The function for a pair of dtypes. */
    public CudaFunction of(DType from, DType to) {
      return switch (from) {
        case F32 -> f32.of(to);
        case F16 -> f16.of(to);
        case BF16 -> bf16.of(to);
        default -> throw new IllegalArgumentException("no kernel computes on " + from);
      };
    }
  }
}
