package dev.orrery.kernels.image;

/** Values between which a decoder gives its pixels. */
public enum PixelRange {
  /** From -1 to 1: {@code (x + 1) * 127.5}. */
  SIGNED(1, 127.5f),
  /** From 0 to 1: {@code x * 255}. */
  UNIT(0, 255);

  private final float offset;
  private final float scale;

  PixelRange(float offset, float scale) {
    this.offset = offset;
    this.scale = scale;
  }

  /** What is added to a value. */
  public float offset() {
    return offset;
  }

  /** By what the sum is multiplied, so that the highest value becomes 255. */
  public float scale() {
    return scale;
  }
}
