package dev.orrery.kernels.conv;

import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.cpu.Panels;
import dev.orrery.kernels.cpu.Scratch;
import dev.orrery.kernels.cpu.SimdTile;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;

/**
 * One call of a direct convolution: no matrix of patches is formed.
 *
 * <pre>
 * weight [taps, Ci, Co] --pack--> panels of output channels [k, columns], k = (tap, input channel)   once
 * history, x [.., X, Ci] --fill--> planes [frame, row, Ci, X], borders by the edge   slab after slab
 * for each panel and output row: tiles of pixels x channels ({@link ConvTileSimd}) over groups of k, plus bias --> out
 * </pre>
 *
 * <p>In the planes neighbouring pixels are neighbours in memory, and the value that belongs to k
 * lies at the same distance from every output pixel: one table of offsets serves them all.
 *
 * <p>The groups depend on the shape of the weight only, so a result depends neither on the threads
 * nor on the slabs nor on how a stream is cut into calls.
 */
final class DirectConvSimd {
  /**
   * Weights of one group and panel, in floats: they stay in the L2 cache while a row of tiles is
   * computed.
   */
  private static final int GROUP_FLOATS = 40 << 10;

  /**
   * Planes of one slab, in floats: while all panels are computed, most of them stay in the L2
   * cache.
   */
  private static final int SLAB_FLOATS = 512 << 10;

  /** Output frames of one slab: more of them share the planes of an input frame. */
  private static final int SLAB_FRAMES = 4;

  /**
   * Fewest output rows of a slab, however large: with one, a kernel of three rows would have each
   * input row filled three times.
   */
  private static final int SLAB_ROWS = 4;

  /** Rows of weights of one item of packing. */
  private static final int PACKED_ROWS = 64;

  /** Arrays of {@link CpuThreads#shared}. */
  private static final Scratch.Ints OFFSETS = new Scratch.Ints();

  private static final Scratch.Floats WEIGHTS = new Scratch.Floats();
  private static final Scratch.Floats BIAS = new Scratch.Floats();
  private static final Scratch.Floats PLANES = new Scratch.Floats();

  /** Arrays of a thread's own scratch. */
  private static final Scratch.Floats PIXELS = new Scratch.Floats();

  private static final Scratch.Floats WORK = new Scratch.Floats();
  private static final Scratch.Floats SUMS = new Scratch.Floats();

  private static final int LANES = SimdTile.LANES;
  private static final int COLUMNS = SimdTile.COLUMNS;

  private final ConvGeometry geometry;
  private final ConvFrames input;
  private final Tensor x;
  private final FloatView weight;
  private final FloatView bias;
  private final Tensor out;
  private final int inChannels;
  private final int outChannels;
  private final int depth;
  private final int panels;

  /** Floats of a row of one plane, of which each phase of the stride has a part. */
  private final int phaseFloats;

  private final int planeFloats;
  private final int slabFrames;
  private final int slabRows;

  /** Input frames and rows of a slab. */
  private final int filledFrames;

  private final int filledRows;
  private final int group;

  private int[] offsets;
  private float[] packed;
  private float[] packedBias;
  private float[] planes;

  /**
   * Prepares a call.
   *
   * @param history frames before x, or null
   * @param weight {@code [taps..., Ci, Co]}
   * @param bias {@code [Co]}, or null
   */
  DirectConvSimd(
      ConvGeometry geometry, Tensor history, Tensor x, Tensor weight, Tensor bias, Tensor out) {
    this.geometry = geometry;
    input = new ConvFrames(geometry, history, x);
    this.x = x;
    this.weight = FloatView.of(weight);
    this.bias = bias == null ? null : FloatView.of(bias);
    this.out = out;
    inChannels = x.size(3);
    outChannels = out.size(3);
    depth = geometry.taps() * inChannels;
    panels = (outChannels + COLUMNS - 1) / COLUMNS;
    int tiledColumns = tiled();
    int stride = geometry.stride();
    int read = tiledColumns + (geometry.kernelColumns() - 1) / stride;
    int filled = geometry.left() / stride + 1 + roundUp(x.size(2) / stride + 1, LANES);
    phaseFloats = Math.max(read, filled);
    planeFloats = oddLines(stride * phaseFloats);
    slabFrames = geometry.kernelFrames() == 1 ? 1 : Math.min(out.size(0), SLAB_FRAMES);
    filledFrames = (slabFrames - 1) * geometry.timeStride() + geometry.kernelFrames();
    long rowFloats = (long) filledFrames * inChannels * planeFloats;
    long rows = (SLAB_FLOATS / rowFloats - geometry.kernelRows()) / stride + 1;
    slabRows = Math.clamp(Math.max(rows, SLAB_ROWS), 1, Math.max(1, out.size(1)));
    filledRows = (slabRows - 1) * stride + geometry.kernelRows();
    group = groupDepth();
  }

  /** As many kernel positions as fit, cut where a frame or a row of the kernel ends. */
  private int groupDepth() {
    int columns = columns(0);
    int row = geometry.kernelColumns() * inChannels;
    int frame = geometry.kernelRows() * row;
    for (int candidate : new int[] {depth, frame, row}) {
      if (candidate * columns <= GROUP_FLOATS) {
        return candidate;
      }
    }
    return inChannels;
  }

  private static int roundUp(int value, int multiple) {
    return (value + multiple - 1) / multiple * multiple;
  }

  /** The next odd number of cache lines: planes then spread over all sets of the caches. */
  private static int oddLines(int floats) {
    return ((floats + 15) / 16 | 1) * 16;
  }

  void run(CpuThreads threads) {
    synchronized (threads) {
      Scratch shared = threads.shared();
      offsets = shared.ints(OFFSETS, depth);
      packed = shared.floats(WEIGHTS, depth * (panels - 1) * COLUMNS + depth * columns(panels - 1));
      packedBias = shared.floats(BIAS, panels * COLUMNS);
      planes = shared.floats(PLANES, filledFrames * filledRows * inChannels * planeFloats);
      placeOffsets();
      int packs = (depth + PACKED_ROWS - 1) / PACKED_ROWS;
      for (int frame = 0; frame < out.size(0); frame += slabFrames) {
        for (int row = 0; row < out.size(1); row += slabRows) {
          int firstFrame = frame;
          int firstRow = row;
          int pending = frame == 0 && row == 0 ? packs : 0;
          threads.forEach(
              pending + filledFrames * filledRows,
              (item, scratch) -> {
                if (item < pending) {
                  pack(item * PACKED_ROWS);
                } else {
                  fill(firstFrame, firstRow, item - pending, scratch);
                }
              });
          int frames = Math.min(slabFrames, out.size(0) - frame);
          int rows = Math.min(slabRows, out.size(1) - row);
          threads.forEach(
              panels * frames * rows,
              (item, scratch) -> {
                int panel = item / (frames * rows);
                int inSlab = item % (frames * rows);
                compute(panel, firstFrame, inSlab / rows, firstRow, inSlab % rows, scratch);
              });
        }
      }
    }
  }

  private void placeOffsets() {
    for (int k = 0; k < depth; k++) {
      int tap = k / inChannels;
      int c = tap % geometry.kernelColumns();
      int b = tap / geometry.kernelColumns() % geometry.kernelRows();
      int a = tap / geometry.kernelColumns() / geometry.kernelRows();
      int plane = (a * filledRows + b) * inChannels + k % inChannels;
      int stride = geometry.stride();
      offsets[k] = plane * planeFloats + c % stride * phaseFloats + c / stride;
    }
  }

  /** Channels of a panel: the last one may be a single vector wide. */
  private int columns(int panel) {
    return ConvTileSimd.columns(outChannels - panel * COLUMNS);
  }

  /** Pixels of a row that the tiles may reach. */
  private int tiled() {
    return roundUp(out.size(2), ConvTileSimd.PIXELS);
  }

  /**
   * Packs some rows of weights, and the bias with the first of them; missing channels become zeros.
   */
  private void pack(int firstRow) {
    for (int panel = 0; panel < panels; panel++) {
      int from = panel * COLUMNS;
      int columns = columns(panel);
      int count = Math.min(columns, outChannels - from);
      for (int k = firstRow; k < Math.min(depth, firstRow + PACKED_ROWS); k++) {
        int at = panel * depth * COLUMNS + k * columns;
        weight.copy((long) k * outChannels + from, packed, at, count);
        Arrays.fill(packed, at + count, at + columns, 0);
      }
      if (firstRow == 0) {
        int given = bias == null ? 0 : count;
        if (given > 0) {
          bias.copy(from, packedBias, from, given);
        }
        Arrays.fill(packedBias, from + given, from + columns, 0);
      }
    }
  }

  /** Turns one row of an input frame into rows of planes. */
  private void fill(int firstFrame, int firstRow, int item, Scratch scratch) {
    int frame = firstFrame * geometry.timeStride() + item / filledRows;
    int row = firstRow * geometry.stride() + item % filledRows;
    int at = item * inChannels * planeFloats;
    if (!input.holds(frame, row)) {
      Arrays.fill(planes, at, at + inChannels * planeFloats, 0);
      return;
    }
    int values = x.size(2) * inChannels;
    int behind = LANES * geometry.stride() * inChannels + LANES;
    float[] pixels = scratch.floats(PIXELS, values + behind);
    input.copyRow(frame, row, pixels, 0);
    Arrays.fill(pixels, values, values + behind, 0);
    if (geometry.edge() == Edge.REPEATED) {
      for (int next = values; next < values + behind - LANES; next++) {
        pixels[next] = pixels[next - inChannels];
      }
    }
    for (int phase = 0; phase < geometry.stride(); phase++) {
      fillPhase(pixels, phase, at + phase * phaseFloats, scratch.floats(WORK, 2 * LANES * LANES));
    }
  }

  /**
   * Spreads the pixels {@code phase - left + n * stride} over the planes, with the edge where there
   * is none: what stands behind the row's pixels, and before them zeros or the first one.
   */
  private void fillPhase(float[] pixels, int phase, int at, float[] work) {
    int stride = geometry.stride();
    int before = Math.max(0, (geometry.left() - phase + stride - 1) / stride);
    int first = before * stride + phase - geometry.left();
    int count = Math.max(0, (x.size(2) - first + stride - 1) / stride);
    int behind = before + roundUp(count, LANES);
    boolean repeated = geometry.edge() == Edge.REPEATED;
    int end = x.size(2) * inChannels;
    for (int channel = 0; channel < inChannels; channel++) {
      int plane = at + channel * planeFloats;
      Arrays.fill(planes, plane, plane + before, repeated ? pixels[channel] : 0);
      Arrays.fill(planes, plane + behind, plane + phaseFloats, pixels[end + channel]);
    }
    int step = stride * inChannels;
    for (int n = 0; n < count; n += LANES) {
      int source = first * inChannels + n * step;
      for (int channel = 0; channel < inChannels; channel += LANES) {
        int target = at + channel * planeFloats + before + n;
        int channels = Math.min(LANES, inChannels - channel);
        Panels.transposeBlock(
            pixels, source + channel, step, work, planes, target, planeFloats, channels);
      }
    }
  }

  /** Computes one output row of one panel. */
  private void compute(
      int panel, int firstFrame, int frame, int firstRow, int row, Scratch scratch) {
    int columns = columns(panel);
    int tiled = tiled();
    float[] sums = scratch.floats(SUMS, tiled * columns);
    for (int at = 0; at < tiled * columns; at += LANES) {
      FloatVector.fromArray(SimdTile.SPECIES, packedBias, panel * COLUMNS + at % columns)
          .intoArray(sums, at);
    }
    int from = firstPixel(frame, row);
    for (int k = 0; k < depth; k += group) {
      int end = Math.min(depth, k + group);
      int weights = panel * depth * COLUMNS + k * columns;
      int pixels;
      for (int pixel = 0; pixel < out.size(2); pixel += pixels) {
        pixels = ConvTileSimd.pixels(columns, out.size(2) - pixel);
        int sum = pixel * columns;
        ConvTileSimd.run(
            planes, from + pixel, offsets, k, end, packed, weights, sums, sum, columns, pixels);
      }
    }
    store(sums, columns, panel, firstFrame + frame, firstRow + row);
  }

  /** Where the first pixel of an output row and the first k meet in the planes. */
  private int firstPixel(int frame, int row) {
    int plane = frame * geometry.timeStride() * filledRows + row * geometry.stride();
    return plane * inChannels * planeFloats;
  }

  private void store(float[] sums, int columns, int panel, int frame, int row) {
    long pixel = ((long) frame * out.size(1) + row) * out.size(2);
    store(sums, 0, columns, out.size(2), out, pixel, panel);
  }

  /**
   * Stores the channels of one panel of some neighbouring pixels.
   *
   * @param sums rows of {@code columns} values from {@code from} on, one for each pixel
   * @param pixel the first of them, counted over out
   */
  static void store(
      float[] sums, int from, int columns, int pixels, Tensor out, long pixel, int panel) {
    MemorySegment to = out.segment();
    int first = panel * COLUMNS;
    int count = Math.min(columns, out.size(3) - first);
    for (int n = 0; n < pixels; n++) {
      long target = 4 * ((pixel + n) * out.size(3) + first);
      int at = from + n * columns;
      MemorySegment.copy(sums, at, to, ValueLayout.JAVA_FLOAT_UNALIGNED, target, count);
    }
  }
}
