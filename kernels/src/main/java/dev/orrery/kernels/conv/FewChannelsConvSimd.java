package dev.orrery.kernels.conv;

import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.cpu.LaneSums;
import dev.orrery.kernels.cpu.Scratch;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;

/**
 * One call of a convolution to few channels, which pictures have. Vectors lie along the input
 * channels, so no lane is empty and pixels stay as they lie in memory, which they leave once.
 *
 * <pre>
 * weight [taps, Ci, Co] --pack--> panels [kernel row][run / PARTS][CHANNELS][PARTS], a run is (kernel column, input channel)   once
 * for each strip of columns, row after row:
 *   history, x [.., X, Ci] --copy--> ring: the rows of every frame that an output row sees
 *   for each frame and panel: sums [pixel][CHANNELS][PARTS] ({@link ConvChannelTileSimd}) --{@link LaneSums}--> out
 * </pre>
 *
 * <p>A result depends neither on threads nor on strips nor on how a stream is cut into calls.
 */
final class FewChannelsConvSimd {
  private static final int CHANNELS = ConvChannelTileSimd.CHANNELS;
  private static final int PARTS = LaneSums.PARTS;

  private static final int PIXELS = ConvChannelTileSimd.PIXELS;

  /** Most panels, and fewest input channels where there is more than one. */
  private static final int MOST_PANELS = 2;

  private static final int FEWEST_CHANNELS = 64;

  /** Weights of a panel that stay in L1 while a row of a strip is computed. */
  private static final int GROUP_FLOATS = 4 << 10;

  /** Values of a ring: it stays in an L2 cache of 1 MB. */
  private static final int RING_FLOATS = 128 << 10;

  /** Output frames that share a ring. */
  private static final int RING_FRAMES = 4;

  /** Fewest output rows of an item, of which neighbours copy the rows that both see. */
  private static final int FEWEST_ROWS = 8;

  /** Arrays of {@link CpuThreads#shared}. */
  private static final Scratch.Floats WEIGHTS = new Scratch.Floats();

  private static final Scratch.Floats STORED = new Scratch.Floats();

  /** Arrays of a thread's own scratch. */
  private static final Scratch.Floats RING = new Scratch.Floats();

  private static final Scratch.Floats SUMS = new Scratch.Floats();
  private static final Scratch.Floats PARTIALS = new Scratch.Floats();
  private static final Scratch.Floats OUTS = new Scratch.Floats();
  private static final Scratch.Ints LINES = new Scratch.Ints();

  private final ConvGeometry geometry;
  private final ConvFrames input;
  private final FloatView weight;
  private final float[] bias;
  private final Tensor out;
  private final int inChannels;
  private final int outChannels;
  private final int panels;

  /** Values of a run, and runs of an output: the rows of the kernel. */
  private final int run;

  private final int runs;

  /** Runs whose weights are used together. */
  private final int group;

  /** Output and input frames of a ring. */
  private final int ringFrames;

  private final int filledFrames;

  /** Output columns of a strip, and values of the input columns that they see. */
  private final int stripColumns;

  private final int lineFloats;

  private float[] packed;

  /**
   * Whether this is the faster way; it depends on the weight alone.
   *
   * @param weight {@code [.., Ci, Co]}
   */
  static boolean suits(ConvGeometry geometry, Shape weight) {
    long inChannels = weight.extent(weight.rank() - 2);
    long panels = Math.ceilDiv(weight.extent(weight.rank() - 1), (long) CHANNELS);
    return geometry.kernelColumns() * inChannels % PARTS == 0
        && (panels == 1 || panels <= MOST_PANELS && inChannels >= FEWEST_CHANNELS);
  }

  /** Prepares a call; arguments as those of {@link DirectConvSimd}. */
  FewChannelsConvSimd(
      ConvGeometry geometry, Tensor history, Tensor x, Tensor weight, Tensor bias, Tensor out) {
    this.geometry = geometry;
    input = new ConvFrames(geometry, history, x);
    this.weight = FloatView.of(weight);
    this.out = out;
    inChannels = x.size(3);
    outChannels = out.size(3);
    panels = Math.ceilDiv(outChannels, CHANNELS);
    this.bias = new float[panels * CHANNELS];
    if (bias != null) {
      FloatView.of(bias).copy(0, this.bias, 0, outChannels);
    }
    run = geometry.kernelColumns() * inChannels;
    runs = geometry.kernelFrames() * geometry.kernelRows();
    group = Math.max(1, GROUP_FLOATS / (run * CHANNELS));
    ringFrames = geometry.kernelFrames() == 1 ? 1 : Math.min(out.size(0), RING_FRAMES);
    filledFrames = (ringFrames - 1) * geometry.timeStride() + geometry.kernelFrames();
    int columnFloats = filledFrames * geometry.kernelRows() * geometry.stride() * inChannels;
    int fit = Math.max(1, RING_FLOATS / columnFloats / PIXELS);
    stripColumns = Math.min(fit, Math.ceilDiv(out.size(2), PIXELS)) * PIXELS;
    // An odd number of cache lines: rows of the ring then spread over all sets of the caches.
    lineFloats = (Math.ceilDiv(seen(stripColumns) * inChannels, 16) | 1) * 16;
  }

  /** Input columns that so many output columns see. */
  private int seen(int columns) {
    return (columns - 1) * geometry.stride() + geometry.kernelColumns();
  }

  void run(CpuThreads threads) {
    if (out.elements() == 0) {
      return;
    }
    int strips = Math.ceilDiv(out.size(2), stripColumns);
    int rings = Math.ceilDiv(out.size(0), ringFrames);
    // Four items a thread, so that a thread that is disturbed delays the others little.
    int wanted = Math.ceilDiv(out.size(1) * strips * rings, 4 * threads.count());
    int rows = Math.clamp(wanted, Math.min(FEWEST_ROWS, out.size(1)), out.size(1));
    int pieces = Math.ceilDiv(out.size(1), rows);
    synchronized (threads) {
      pack(threads.shared());
      threads.forEach(
          strips * rings * pieces,
          (item, scratch) -> {
            int row = item % pieces * rows;
            int column = item / pieces % strips * stripColumns;
            int frame = item / pieces / strips * ringFrames;
            compute(frame, row, Math.min(out.size(1), row + rows), column, scratch);
          });
    }
  }

  private void pack(Scratch shared) {
    int depth = runs * run;
    float[] stored = shared.floats(STORED, depth * outChannels);
    packed = shared.floats(WEIGHTS, panels * depth * CHANNELS);
    weight.copy(0, stored, 0, depth * outChannels);
    Arrays.fill(packed, 0, panels * depth * CHANNELS, 0);
    for (int channel = 0; channel < outChannels; channel++) {
      int at = channel / CHANNELS * depth * CHANNELS + channel % CHANNELS * PARTS;
      for (int k = 0; k < depth; k++) {
        packed[at + k / PARTS * CHANNELS * PARTS + k % PARTS] = stored[k * outChannels + channel];
      }
    }
  }

  /** Computes some rows of a strip in the frames of a ring. */
  private void compute(int frame, int row, int end, int column, Scratch scratch) {
    int columns = Math.min(stripColumns, out.size(2) - column);
    int tiled = Math.ceilDiv(columns, PIXELS) * PIXELS;
    int frames = Math.min(ringFrames, out.size(0) - frame);
    int stride = geometry.stride();
    int firstInput = frame * geometry.timeStride();
    int inputs = (frames - 1) * geometry.timeStride() + geometry.kernelFrames();
    float[] ring = scratch.floats(RING, filledFrames * geometry.kernelRows() * lineFloats);
    int[] lines = scratch.ints(LINES, runs);
    int filled = row * stride;
    for (int y = row; y < end; y++) {
      int seen = y * stride + geometry.kernelRows();
      for (filled = Math.max(filled, y * stride); filled < seen; filled++) {
        for (int i = 0; i < inputs; i++) {
          input.copy(firstInput + i, filled, column * stride, seen(tiled), ring, lineAt(i, filled));
        }
      }
      for (int i = 0; i < frames; i++) {
        for (int n = 0; n < runs; n++) {
          int frameOfKernel = n / geometry.kernelRows();
          int rowOfKernel = n % geometry.kernelRows();
          lines[n] = lineAt(i * geometry.timeStride() + frameOfKernel, y * stride + rowOfKernel);
        }
        long pixel = ((long) (frame + i) * out.size(1) + y) * out.size(2) + column;
        computeRow(pixel, columns, ring, lines, scratch);
      }
    }
  }

  /** Where a row of an input frame begins in the ring. */
  private int lineAt(int frame, int row) {
    return (frame * geometry.kernelRows() + row % geometry.kernelRows()) * lineFloats;
  }

  /**
   * Computes a row of a strip.
   *
   * @param pixel its first, counted over out
   * @param lines where its runs begin in the ring
   */
  private void computeRow(long pixel, int columns, float[] ring, int[] lines, Scratch scratch) {
    int tiled = Math.ceilDiv(columns, PIXELS) * PIXELS;
    float[] sums = scratch.floats(SUMS, tiled * CHANNELS);
    float[] pixels = scratch.floats(OUTS, columns * outChannels);
    for (int panel = 0; panel < panels; panel++) {
      sum(panel, tiled, ring, lines, sums, scratch);
      int channel = panel * CHANNELS;
      int count = Math.min(CHANNELS, outChannels - channel);
      for (int i = 0; i < columns; i++) {
        for (int j = 0; j < count; j++) {
          pixels[i * outChannels + channel + j] = sums[i * CHANNELS + j];
        }
      }
    }
    long to = Float.BYTES * pixel * outChannels;
    int values = columns * outChannels;
    MemorySegment.copy(pixels, 0, out.segment(), ValueLayout.JAVA_FLOAT_UNALIGNED, to, values);
  }

  /** The sums of a panel, {@code [pixel][CHANNELS]}. */
  private void sum(
      int panel, int pixels, float[] ring, int[] lines, float[] sums, Scratch scratch) {
    float[] parts = scratch.floats(PARTIALS, pixels * CHANNELS * PARTS);
    Arrays.fill(parts, 0, pixels * CHANNELS * PARTS, 0);
    for (int i = 0; i < pixels; i++) {
      for (int channel = 0; channel < CHANNELS; channel++) {
        parts[(i * CHANNELS + channel) * PARTS] = bias[panel * CHANNELS + channel];
      }
    }
    int step = geometry.stride() * inChannels;
    for (int n = 0; n < runs; n += group) {
      int weights = (panel * runs + n) * run * CHANNELS;
      int end = Math.min(runs, n + group);
      ConvChannelTileSimd.run(ring, pixels, step, lines, n, end, run, packed, weights, parts);
    }
    LaneSums.store(parts, pixels * CHANNELS, 1, sums, 0);
  }
}
