package dev.orrery.weights.convert;

import dev.orrery.kernels.tensor.DType;
import dev.orrery.runtime.checkpoint.StoredType;

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
  StoredType of(StoredType stored) {
    boolean converts = stored.dtype().filter(ElementConversion::isConvertible).isPresent();
    return converts && dtype != null ? StoredType.of(dtype) : stored;
  }
}
