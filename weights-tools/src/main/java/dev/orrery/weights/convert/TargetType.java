package dev.orrery.weights.convert;

import dev.orrery.kernels.tensor.DType;
import java.util.Optional;

/** The element type that converted floating-point tensors get. */
public enum TargetType {
  /** The one they have. */
  KEEP(null),
  BF16(DType.BF16),
  FP16(DType.F16),
  FP32(DType.F32);

  private final DType dtype;

  TargetType(DType dtype) {
    this.dtype = dtype;
  }

  /**
   * The type of a stored tensor after the conversion: of fp64, fp32, fp16 and bf16 tensors this
   * one, of all others, whose values mean something else, the stored one.
   */
  DType of(DType stored) {
    boolean converts = ElementConversion.isConvertible(stored);
    return converts ? Optional.ofNullable(dtype).orElse(stored) : stored;
  }
}
