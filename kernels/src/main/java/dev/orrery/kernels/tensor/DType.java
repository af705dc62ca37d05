package dev.orrery.kernels.tensor;

/**
 * Element types of tensors. The names are those of the safetensors format, so that a checkpoint's
 * {@code dtype} field is exactly {@link #name()}.
 */
public enum DType {
  F64(8),
  F32(4),
  F16(2),
  BF16(2),
  F8_E4M3(1),
  F8_E5M2(1),
  I64(8),
  I32(4),
  I16(2),
  I8(1),
  U64(8),
  U32(4),
  U16(2),
  U8(1),
  BOOL(1);

  private final int byteSize;

  DType(int byteSize) {
    this.byteSize = byteSize;
  }

  /** Bytes of one element. */
  public int byteSize() {
    return byteSize;
  }

  /**
   * Whether this is a floating-point type that weights are stored in and activations may have:
   * fp32, fp16 or bf16.
   */
  public boolean isWeightType() {
    return this == F32 || this == F16 || this == BF16;
  }
}
