package dev.orrery.kernels.conv;

import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.cpu.Scratch;
import dev.orrery.kernels.cpu.SimdTile;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import java.util.Arrays;

/**
 * One call of a convolution with kernels of 3 x 3 by Winograd's minimal filtering F(2x2, 3x3): 16
 * multiplications for four outputs where the sum itself takes 36.
 *
 * <pre>
 * weight [Kt, 3, 3, Ci, Co] --U = G g G'--> panels of output channels [k, columns] of each of 16 points, k = (frame, input channel)   once
 * for each block of tiles of 2 x 2 outputs:
 *   history, x [.., X, Ci] --V = B' d B--> planes [frame, point, Ci, tiles]          d are the 4 x 4 inputs of a tile
 *   for each panel and frame: M[point, tiles, columns] = V U ({@link ConvTileSimd}); out = A' M A plus bias
 * </pre>
 *
 * <p>A block lies in the scratch memory of its thread, so there is one barrier a call, behind the
 * weights. Tiles are counted from the corner of a frame, and the groups of k depend on the weight
 * alone: a result depends neither on threads nor on blocks nor on how a stream is cut into calls.
 *
 * <p>The error is about that of {@link DirectConvSimd}, but a value that is not finite spreads to
 * all outputs of its tiles.
 *
 * <p>Source: Lavin and Gray, Fast Algorithms for Convolutional Neural Networks, arXiv 1509.09308,
 * section 4.1.
 */
final class WinogradConvSimd {
  /** Rows and columns of outputs of a tile. */
  private static final int TILE = 2;

  private static final int KERNEL = 3;

  /** Products of a tile: its inputs are as many. */
  static final int POINTS = 16;

  /** Weights of one group, point and panel, in floats: short chains of sums round less. */
  private static final int GROUP_FLOATS = 16 << 10;

  /**
   * Tiles of one block: a multiple of those of {@link ConvTileSimd} and of the lanes, in an odd
   * number of cache lines. Planes of one block then stay in an L2 cache of 1 to 2 MB, and the
   * weights of all channels come from memory once a block.
   */
  private static final int BLOCK_TILES = 48;

  /** Tiles of one block where so few of them leave each thread a few blocks. */
  private static final int SMALL_BLOCK_TILES = 16;

  /** Output frames of one block: more of them share the planes of an input frame. */
  private static final int BLOCK_FRAMES = 2;

  /** Fewest channels on both sides: with fewer the transforms take what the products save. */
  private static final int FEWEST_CHANNELS = 48;

  /** Fewest tiles of a frame: with fewer, the transform of the weights takes it. */
  private static final int FEWEST_FRAME_TILES = 192;

  /** Most floats of transformed weights: more are no longer read as fast as they are used. */
  private static final int MOST_WEIGHTS = 8 << 20;

  /** Rows of weights of one item of packing. */
  private static final int PACKED_ROWS = 16;

  /** Arrays of {@link CpuThreads#shared}. */
  private static final Scratch.Ints OFFSETS = new Scratch.Ints();

  private static final Scratch.Floats WEIGHTS = new Scratch.Floats();
  private static final Scratch.Floats BIAS = new Scratch.Floats();

  /** Arrays of a thread's own scratch. */
  private static final Scratch.Floats TAPS = new Scratch.Floats();

  private static final Scratch.Floats PIXELS = new Scratch.Floats();
  private static final Scratch.Floats SQUARES = new Scratch.Floats();
  private static final Scratch.Floats WORK = new Scratch.Floats();
  private static final Scratch.Floats PLANES = new Scratch.Floats();
  private static final Scratch.Floats SUMS = new Scratch.Floats();
  private static final Scratch.Floats OUTPUTS = new Scratch.Floats();

  private static final int LANES = SimdTile.LANES;
  private static final int COLUMNS = SimdTile.COLUMNS;

  private final ConvGeometry geometry;
  private final ConvFrames input;
  private final FloatView weight;
  private final FloatView bias;
  private final Tensor out;
  private final int inChannels;
  private final int outChannels;
  private final int depth;
  private final int panels;
  private final int group;

  /**
   * Tiles of a row of them, of a frame and of a block; and how many blocks follow each other in
   * time.
   */
  private final int rowTiles;

  private final int frameTiles;
  private final int blockTiles;
  private final int blockFrames;
  private final int times;

  /** Floats of the planes of one input frame. */
  private final int frameFloats;

  private int[] offsets;
  private float[] packed;
  private float[] packedBias;

  /**
   * Whether this is the faster way; it depends on the weight and the size of a frame alone.
   *
   * @param weight {@code [.., Ci, Co]}
   * @param out {@code [T, Y, X, Co]}
   */
  static boolean suits(ConvGeometry geometry, Shape weight, Shape out) {
    long inChannels = weight.extent(weight.rank() - 2);
    long outChannels = weight.extent(weight.rank() - 1);
    return geometry.kernelRows() == KERNEL
        && geometry.kernelColumns() == KERNEL
        && geometry.stride() == 1
        && Math.min(inChannels, outChannels) >= FEWEST_CHANNELS
        && POINTS * geometry.kernelFrames() * inChannels * outChannels <= MOST_WEIGHTS
        && tiles(out.extent(1)) * tiles(out.extent(2)) >= FEWEST_FRAME_TILES;
  }

  /**
   * Prepares a call.
   *
   * @param geometry of a kernel of 3 x 3 and stride 1
   * @param history frames before x, or null
   * @param weight {@code [Kt, 3, 3, Ci, Co]} or {@code [3, 3, Ci, Co]}
   * @param bias {@code [Co]}, or null
   * @param threads that will compute it
   */
  WinogradConvSimd(
      ConvGeometry geometry,
      Tensor history,
      Tensor x,
      Tensor weight,
      Tensor bias,
      Tensor out,
      int threads) {
    this.geometry = geometry;
    input = new ConvFrames(geometry, history, x);
    this.weight = FloatView.of(weight);
    this.bias = bias == null ? null : FloatView.of(bias);
    this.out = out;
    inChannels = x.size(3);
    outChannels = out.size(3);
    depth = geometry.kernelFrames() * inChannels;
    panels = Math.ceilDiv(outChannels, COLUMNS);
    group = depth * columns(0) <= GROUP_FLOATS ? depth : inChannels;
    rowTiles = (int) tiles(out.size(2));
    frameTiles = (int) tiles(out.size(1)) * rowTiles;
    blockFrames = Math.clamp(out.size(0), 1, geometry.kernelFrames() == 1 ? 1 : BLOCK_FRAMES);
    times = Math.ceilDiv(out.size(0), blockFrames);
    boolean few = (long) frameTiles * times < 4L * BLOCK_TILES * threads;
    blockTiles = few ? SMALL_BLOCK_TILES : BLOCK_TILES;
    frameFloats = POINTS * inChannels * blockTiles;
  }

  /** Tiles along an extent. */
  private static long tiles(long extent) {
    return Math.ceilDiv(extent, TILE);
  }

  private int inputFrames(int outFrames) {
    return (outFrames - 1) * geometry.timeStride() + geometry.kernelFrames();
  }

  /** Channels of a panel: the last one may be a single vector wide. */
  private int columns(int panel) {
    return outChannels - panel * COLUMNS <= LANES ? LANES : COLUMNS;
  }

  void run(CpuThreads threads) {
    synchronized (threads) {
      Scratch shared = threads.shared();
      offsets = shared.ints(OFFSETS, depth);
      packed = shared.floats(WEIGHTS, POINTS * depth * panels * COLUMNS);
      packedBias = shared.floats(BIAS, panels * COLUMNS);
      for (int k = 0; k < depth; k++) {
        offsets[k] = k / inChannels * frameFloats + k % inChannels * blockTiles;
      }
      Arrays.fill(packedBias, 0, panels * COLUMNS, 0);
      if (bias != null) {
        bias.copy(0, packedBias, 0, outChannels);
      }
      int packs = Math.ceilDiv(depth, PACKED_ROWS);
      threads.forEach(packs, (item, scratch) -> pack(item * PACKED_ROWS, scratch));
      int blocks = Math.ceilDiv(frameTiles, blockTiles);
      threads.forEach(
          blocks * times,
          (item, scratch) ->
              compute(item / blocks * blockFrames, item % blocks * blockTiles, scratch));
    }
  }

  /** Where the weights of a point and k lie in a panel. */
  private int weightsAt(int panel, int point, int k) {
    return (panel * POINTS * COLUMNS + point * columns(panel)) * depth + k * columns(panel);
  }

  /** Transforms and packs some rows of weights; missing channels become zeros. */
  private void pack(int firstRow, Scratch scratch) {
    int taps = KERNEL * KERNEL;
    int row = Math.ceilDiv(outChannels, LANES) * LANES;
    float[] kernel = scratch.floats(TAPS, taps * row);
    for (int k = firstRow; k < Math.min(depth, firstRow + PACKED_ROWS); k++) {
      for (int tap = 0; tap < taps; tap++) {
        long source = ((long) k / inChannels * taps + tap) * inChannels + k % inChannels;
        weight.copy(source * outChannels, kernel, tap * row, outChannels);
        Arrays.fill(kernel, tap * row + outChannels, (tap + 1) * row, 0);
      }
      for (int channel = 0; channel < row; channel += LANES) {
        int panel = channel / COLUMNS;
        int to = weightsAt(panel, 0, k) + channel % COLUMNS;
        WinogradTransforms.weights(kernel, channel, row, packed, to, depth * columns(panel));
      }
    }
  }

  /** Computes the tiles from {@code firstTile} on of the frames from {@code firstFrame} on. */
  private void compute(int firstFrame, int firstTile, Scratch scratch) {
    int count = Math.min(blockTiles, frameTiles - firstTile);
    int outFrames = Math.min(blockFrames, out.size(0) - firstFrame);
    int inputs = inputFrames(outFrames);
    float[] planes = scratch.floats(PLANES, inputs * frameFloats + ConvTileSimd.PIXELS);
    for (int frame = 0; frame < inputs; frame++) {
      int input = firstFrame * geometry.timeStride() + frame;
      transform(input, firstTile, count, planes, frame * frameFloats, scratch);
    }
    int tiled = Math.ceilDiv(count, ConvTileSimd.PIXELS) * ConvTileSimd.PIXELS;
    float[] sums = scratch.floats(SUMS, POINTS * tiled * COLUMNS);
    for (int panel = 0; panel < panels; panel++) {
      for (int frame = 0; frame < outFrames; frame++) {
        int at = frame * geometry.timeStride() * frameFloats;
        multiply(panel, planes, at, count, sums, tiled);
        store(panel, firstFrame + frame, firstTile, count, sums, tiled, scratch);
      }
    }
  }

  /**
   * Turns the inputs of some tiles of one frame into planes, as many as stand in a row at a time.
   */
  private void transform(
      int frame, int firstTile, int count, float[] planes, int at, Scratch scratch) {
    int side = TILE + KERNEL - 1;
    int square = LANES * LANES;
    int step = (TILE * (LANES - 1) + side) * inChannels;
    float[] pixels = scratch.floats(PIXELS, side * step + LANES);
    float[] squares = scratch.floats(SQUARES, POINTS * square);
    float[] work = scratch.floats(WORK, 3 * square);
    int tiles;
    for (int done = 0; done < count; done += tiles) {
      int tile = firstTile + done;
      int column = tile % rowTiles;
      tiles = Math.min(Math.min(LANES, rowTiles - column), count - done);
      for (int row = 0; row < side; row++) {
        int y = tile / rowTiles * TILE + row;
        int width = TILE * (tiles - 1) + side;
        input.copy(frame, y, column * TILE, width, pixels, row * step);
      }
      for (int channel = 0; channel < inChannels; channel += LANES) {
        WinogradTransforms.inputs(pixels, channel, step, inChannels, tiles, squares);
        int channels = Math.min(LANES, inChannels - channel);
        for (int point = 0; point < POINTS; point++) {
          int to = at + (point * inChannels + channel) * blockTiles + done;
          WinogradTransforms.transpose(
              squares, point * square, work, planes, to, blockTiles, channels, tiles);
        }
      }
    }
  }

  /** Multiplies the planes of one output frame with the weights of one panel, point by point. */
  private void multiply(int panel, float[] planes, int at, int count, float[] sums, int tiled) {
    int columns = columns(panel);
    Arrays.fill(sums, 0, POINTS * tiled * columns, 0);
    for (int point = 0; point < POINTS; point++) {
      int plane = at + point * inChannels * blockTiles;
      for (int k = 0; k < depth; k += group) {
        int weights = weightsAt(panel, point, k);
        int end = Math.min(depth, k + group);
        int tiles;
        for (int tile = 0; tile < count; tile += tiles) {
          tiles = ConvTileSimd.pixels(columns, count - tile);
          int sum = (point * tiled + tile) * columns;
          ConvTileSimd.run(
              planes, plane + tile, offsets, k, end, packed, weights, sums, sum, columns, tiles);
        }
      }
    }
  }

  /** Turns the products of some tiles into outputs, as many as stand in a row at a time. */
  private void store(
      int panel, int frame, int firstTile, int count, float[] sums, int tiled, Scratch scratch) {
    int columns = columns(panel);
    int line = TILE * blockTiles * columns;
    float[] outputs = scratch.floats(OUTPUTS, TILE * line);
    int tiles;
    for (int done = 0; done < count; done += tiles) {
      int tile = firstTile + done;
      int column = tile % rowTiles;
      tiles = Math.min(rowTiles - column, count - done);
      for (int n = 0; n < tiles; n++) {
        for (int lane = 0; lane < columns; lane += LANES) {
          int from = (done + n) * columns + lane;
          int bias = panel * COLUMNS + lane;
          int to = TILE * n * columns + lane;
          WinogradTransforms.outputs(
              sums, from, tiled * columns, packedBias, bias, outputs, to, columns, line);
        }
      }
      int first = tile / rowTiles * TILE;
      int pixels = Math.min(TILE * tiles, out.size(2) - TILE * column);
      for (int y = 0; y < Math.min(TILE, out.size(1) - first); y++) {
        long pixel = ((long) frame * out.size(1) + first + y) * out.size(2) + TILE * column;
        DirectConvSimd.store(outputs, y * line, columns, pixels, out, pixel, panel);
      }
    }
  }
}
