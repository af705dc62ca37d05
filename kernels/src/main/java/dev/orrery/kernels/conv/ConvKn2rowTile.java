package dev.orrery.kernels.conv;

import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import java.util.Arrays;

/**
 * The tiles of {@code ConvKn2rowHopper.cu}: which convolutions they compute. They differ in how
 * many output channels they have room for, so a convolution has one of them, whatever its size.
 */
public enum ConvKn2rowTile {
  UP_TO_4(4, 5),
  UP_TO_12(12, 3);

  /** Rows and columns of the kernel. */
  static final int KERNEL = 3;

  /** Rows and columns of a box of pixels, of which those at the edge have no output. */
  public static final int BOX = ConvHopperTile.COLUMNS;

  /** Threads of a block that brings weights into columns. */
  static final int WEIGHT_THREADS = 256;

  private static final int OUTPUTS = BOX - KERNEL + 1;

  /** Fewer input channels have too few products for what ends a tile. */
  private static final int LEAST_IN_CHANNELS = 32;

  private final int channels;
  private final int slots;

  ConvKn2rowTile(int channels, int slots) {
    this.channels = channels;
    this.slots = slots;
  }

  /** Output channels that it has room for. */
  public int channels() {
    return channels;
  }

  /** Boxes that are on their way or multiplied at a time. */
  public int slots() {
    return slots;
  }

  /** Columns of the positions of a kernel row: whole eights. */
  private int rowColumns() {
    return Math.ceilDiv(KERNEL * channels, 8) * 8;
  }

  /** Columns of all positions, as they lie in memory. */
  public int storedColumns() {
    return KERNEL * rowColumns();
  }

  private int chunks() {
    return Math.ceilDiv(storedColumns(), ConvHopperTile.GROUP);
  }

  /** Columns that are multiplied. */
  public int columns() {
    return chunks() * ConvHopperTile.GROUP;
  }

  /** Floats between the sums of a pixel and those of the next one. */
  private int pixelSums() {
    return rowColumns() % 16 == 8 ? rowColumns() : rowColumns() + 8;
  }

  /** Shared memory of a block: slots with two barriers for each, and the sums of a kernel row. */
  int sharedBytes() {
    int slot = (BOX * BOX + chunks() * ConvHopperTile.GROUP) * ConvHopperTile.ROW_BYTES;
    return slots * (slot + 2 * Long.BYTES) + BOX * BOX * pixelSums() * Float.BYTES;
  }

  /** How names of its functions end. */
  String suffix() {
    return "_" + channels;
  }

  /**
   * Whether the tiles compute a convolution, by what does not change from call to call.
   *
   * @param weight {@code [.., Ky, Kx, Ci, Co]}
   * @param stride along rows and columns
   */
  public static boolean take(DType dtype, Shape weight, int stride) {
    int axes = weight.rank();
    long inChannels = weight.extent(axes - 2);
    return dtype != DType.F32
        && stride == 1
        && weight.extent(axes - 4) == KERNEL
        && weight.extent(axes - 3) == KERNEL
        && inChannels >= LEAST_IN_CHANNELS
        && inChannels % ConvHopperTile.CHANNELS_PER_16_BYTES == 0
        && weight.extent(axes - 1) <= UP_TO_12.channels;
  }

  /** The tile for so many output channels. */
  public static ConvKn2rowTile of(int outChannels) {
    return Arrays.stream(values())
        .filter(tile -> outChannels <= tile.channels)
        .findFirst()
        .orElseThrow();
  }

  /** Tiles of an output {@code [T, Y, X, Co]}. */
  public long count(Shape out) {
    return out.extent(0)
        * Math.ceilDiv(out.extent(1), OUTPUTS)
        * Math.ceilDiv(out.extent(2), OUTPUTS);
  }

  /**
   * Cycles of shared memory in a step, a row of 128 bytes each. The pixels and the weights are
   * written; each product of 64 pixels by 16 input channels reads {@code 64 + columns} pieces of 32
   * bytes.
   */
  public long sharedCycles(int depth) {
    long products = depth / 16L * BOX * BOX / 64;
    return BOX * BOX + columns() + products * (64 + columns()) / 4;
  }

  /**
   * Cycles of shared memory behind the steps: sums of all pixels are written, and read by the
   * outputs, which find two pixels in one bank.
   */
  public long exchangeCycles() {
    long written = (long) BOX * BOX * storedColumns();
    long read = 2L * BOX * BOX * KERNEL * KERNEL * channels;
    return (written + read) * Float.BYTES / ConvHopperTile.ROW_BYTES;
  }
}
