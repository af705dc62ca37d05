package dev.orrery.kernels.conv;

import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import java.util.Arrays;
import java.util.Comparator;

/**
 * The tiles of {@code ConvHopper.cu}, 16 pixels wide: which convolutions they compute, and which of
 * them is the fastest for one.
 */
public enum ConvHopperTile {
  LARGE_128(16, 128, 3, 7),
  LARGE_96(16, 96, 3, 7),
  SMALL_128(8, 128, 4, 8),
  SMALL_96(8, 96, 4, 8);

  /** Columns of pixels of every tile. */
  public static final int COLUMNS = 16;

  /** Rows of the largest kernel. */
  static final int MOST_KERNEL_ROWS = 3;

  /** The largest stride along rows and columns. */
  private static final int MOST_STRIDE = 2;

  /** Input channels of a slot, and output channels of a chunk of its weights. */
  public static final int GROUP = 64;

  /** Input channels of a box of weights. */
  static final int WEIGHT_ROWS = 32;

  /** Threads of a block: two warp groups that multiply and one that copies. */
  static final int THREADS = 384;

  /** Bytes of the channels of a pixel in a slot, as wide as the swizzle. */
  static final int ROW_BYTES = 128;

  /** Tensor maps step by multiples of 16 bytes. */
  static final int CHANNELS_PER_16_BYTES = 8;

  /** Fewer output channels leave too much of a tile empty. */
  private static final int LEAST_OUT_CHANNELS = 64;

  /** Operations of the tensor cores of a multiprocessor in a cycle. */
  private static final int TENSOR_OPERATIONS = 4096;

  private final int rows;
  private final int channels;
  private final int pixelSlots;
  private final int weightSlots;

  ConvHopperTile(int rows, int channels, int pixelSlots, int weightSlots) {
    this.rows = rows;
    this.channels = channels;
    this.pixelSlots = pixelSlots;
    this.weightSlots = weightSlots;
  }

  /** Rows of pixels. */
  public int rows() {
    return rows;
  }

  /** Output channels. */
  public int channels() {
    return channels;
  }

  /** Output pixels. */
  public int pixels() {
    return rows * COLUMNS;
  }

  /** Shared memory of a block: the slots of both rings, and two barriers for each. */
  int sharedBytes() {
    int pixelSlot = boxRows(MOST_KERNEL_ROWS, 1) * COLUMNS * ROW_BYTES + 2 * Long.BYTES;
    int weightSlot = chunks() * GROUP * ROW_BYTES + 2 * Long.BYTES;
    return pixelSlots * pixelSlot + weightSlots * weightSlot;
  }

  /** Rows of pixels in a box, which lie a stride apart in the frame. */
  int boxRows(int kernelRows, int stride) {
    return rows + (kernelRows - 1) / stride;
  }

  /**
   * Rows of pixels that a kernel sees, in all boxes: one for each kernel row that no other one lies
   * whole strides above.
   */
  public int pixelRows(int kernelRows, int stride) {
    return Math.min(stride, kernelRows) * boxRows(kernelRows, stride);
  }

  /** Chunks of 64 output channels that weights arrive in. */
  public int chunks() {
    return Math.ceilDiv(channels, GROUP);
  }

  /** How names of its functions end. */
  String suffix() {
    return "_" + pixels() + "x" + channels;
  }

  /**
   * Whether the tiles compute a convolution, by what does not change from call to call.
   *
   * @param weight {@code [.., Ky, Kx, Ci, Co]}
   * @param stride along rows and columns
   * @param columns of a frame
   */
  public static boolean take(DType dtype, Shape weight, int stride, Edge edge, int columns) {
    int axes = weight.rank();
    long outChannels = weight.extent(axes - 1);
    return dtype != DType.F32
        && stride <= MOST_STRIDE
        && (edge == Edge.ZEROS || stride == 1 && boxesReachInside(weight.extent(axes - 3), columns))
        && weight.extent(axes - 4) <= MOST_KERNEL_ROWS
        && weight.extent(axes - 2) % CHANNELS_PER_16_BYTES == 0
        && outChannels % CHANNELS_PER_16_BYTES == 0
        && outChannels >= LEAST_OUT_CHANNELS;
  }

  /**
   * Whether the first and the last column of a frame are in every box that reaches beyond them, to
   * be repeated there: the last box begins behind its tile by half of the kernel.
   */
  private static boolean boxesReachInside(long kernelColumns, int columns) {
    long beyond = (kernelColumns - 1) / 2;
    return beyond < COLUMNS && (columns - 1) % COLUMNS >= beyond;
  }

  /**
   * The tile that takes the least time for a convolution.
   *
   * @param out {@code [T, Y, X, Co]}
   * @param stride along rows and columns
   */
  public static ConvHopperTile fastest(Shape out, int kernelRows, int stride, int multiprocessors) {
    return Arrays.stream(values())
        .min(
            Comparator.comparing(
                tile ->
                    Math.ceilDiv(tile.count(out), multiprocessors)
                        * tile.cycles(kernelRows, stride, GROUP)))
        .orElseThrow();
  }

  /** Tiles of an output {@code [T, Y, X, Co]}. */
  public long count(Shape out) {
    return out.extent(0)
        * Math.ceilDiv(out.extent(1), rows)
        * Math.ceilDiv(out.extent(2), COLUMNS)
        * Math.ceilDiv(out.extent(3), channels);
  }

  /** Cycles of the unit that a step keeps busy the longest: tensor cores or shared memory. */
  private long cycles(int kernelRows, int stride, int depth) {
    return Math.max(tensorCycles(kernelRows, depth), sharedCycles(kernelRows, stride, depth));
  }

  /** Cycles of tensor cores in a step: some input channels, and one column of the kernel. */
  public long tensorCycles(int kernelRows, int depth) {
    return 2L * kernelRows * depth * pixels() * channels / TENSOR_OPERATIONS;
  }

  /**
   * Cycles of shared memory in a step, a row of 128 bytes each. The pixels and the weights are
   * written, of the weights as many input channels as boxes hold; each product of 64 pixels by 16
   * input channels reads {@code 64 + channels} pieces of 32 bytes.
   */
  public long sharedCycles(int kernelRows, int stride, int depth) {
    long pixelsIn = (long) pixelRows(kernelRows, stride) * COLUMNS;
    long weightsIn = (long) kernelRows * chunks() * Math.ceilDiv(depth, WEIGHT_ROWS) * WEIGHT_ROWS;
    long products = (long) kernelRows * depth / 16 * pixels() / 64;
    return pixelsIn + weightsIn + products * (64 + channels) / 4;
  }
}
