package dev.orrery.kernels.attention;

import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.kernels.tornado.Grid;
import dev.orrery.kernels.tornado.KernelCode;
import dev.orrery.kernels.tornado.TornadoDevice;
import dev.orrery.kernels.tornado.TornadoKernel;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Attention of one head in tiles, for {@link Attention}, {@link BiasedAttention} and {@link
 * PropeAttention}. A group of 16x16 threads takes 16 queries and walks along the keys in tiles of
 * 64, with a softmax that is corrected whenever a tile raises the maximum of a row. Channels of
 * queries, keys and values pass through local memory 32 at a time, and the sums of values wait in
 * the output, where every thread reads only what it wrote: any head dim fits, those of the VAEs
 * (384 and 1024) included.
 *
 * <pre>
 * for each tile of keys
 *   scores [16, 64] = queries . keys     a thread has 4 in registers; 32 channels at a time
 *   maximum, weights = exp(scores - maximum)
 *   out = out * correction + weights . values
 * out = out / sum of weights
 * </pre>
 */
abstract class AttentionTileTornado extends TornadoKernel {
  private static final KernelCode ATTEND = KernelCode.cooperative(AttentionTileTornado::attend);

  /** Queries of a group, and threads along either axis. */
  private static final int ROWS = 16;

  /** Keys of a tile: four for each thread of a row. */
  private static final int KEYS = 4 * ROWS;

  /** Channels in local memory at a time: two for each thread of a row. */
  private static final int CHANNELS = 2 * ROWS;

  private static final int THREADS = ROWS * ROWS;

  /** From a channel of the keys in local memory to the next; odd, so that banks do not collide. */
  private static final int KEY_STRIDE = KEYS + 1;

  /** Below every score; infinities are none of a device's duties. */
  private static final float LOWEST = -3e38f;

  AttentionTileTornado(TornadoDevice device) {
    super(device);
  }

  /**
   * Attends.
   *
   * @param sequences of equal length in queries and keys; 1 with a bias or cameras
   * @param bias of {@link BiasedAttention}, or null
   * @param imageFromWorld of {@link PropeAttention}, or null
   * @param worldFromImage of {@link PropeAttention}, or null
   * @param plainKeys keys before those that have a camera
   */
  final void launchTiles(
      int sequences,
      Tensor q,
      Tensor k,
      Tensor v,
      Tensor bias,
      Tensor imageFromWorld,
      Tensor worldFromImage,
      int plainKeys,
      double scale,
      Tensor out) {
    int queries = q.size(0) / sequences;
    int heads = q.size(1);
    int keys = k.size(0) / sequences;
    boolean cameras = imageFromWorld != null;
    device()
        .run(
            ATTEND,
            new Grid(sequences * Math.ceilDiv(queries, ROWS), heads, ROWS, ROWS),
            new int[] {
              queries,
              keys,
              heads,
              q.size(2),
              flag(bias != null),
              flag(cameras),
              cameras ? queries / imageFromWorld.size(0) : 1,
              cameras ? (keys - plainKeys) / worldFromImage.size(0) : 1,
              plainKeys,
              k.size(1)
            },
            new float[] {(float) scale},
            q,
            k,
            v,
            orElse(bias, q),
            orElse(imageFromWorld, q),
            orElse(worldFromImage, q),
            out);
  }

  /** The kernel; public for TornadoVM, which compiles it. */
  public static void attend(
      KernelContext context,
      IntArray ints,
      FloatArray floats,
      FloatArray q,
      FloatArray k,
      FloatArray v,
      FloatArray bias,
      FloatArray imageFromWorld,
      FloatArray worldFromImage,
      FloatArray out) {
    float[] queryTile = context.allocateFloatLocalArray(ROWS * CHANNELS);
    // Keys by channel, and later values by key.
    float[] tile = context.allocateFloatLocalArray(CHANNELS * KEY_STRIDE);
    float[] weights = context.allocateFloatLocalArray(ROWS * KEYS);
    float[] maxima = context.allocateFloatLocalArray(THREADS);
    float[] sums = context.allocateFloatLocalArray(THREADS);
    int queries = ints.get(7);
    int keys = ints.get(8);
    int headDim = ints.get(10);
    int stride = ints.get(9) * headDim;
    boolean biased = ints.get(11) != 0;
    boolean cameras = ints.get(12) != 0;
    int queriesPerFrame = ints.get(13);
    int keysPerFrame = ints.get(14);
    int plainKeys = ints.get(15);
    int keyHeads = ints.get(16);
    int keyStride = keyHeads * headDim;
    // Groups of the first sequence, of the second, ...
    int groups = (queries + ROWS - 1) / ROWS;
    int sequence = context.groupIdx / groups;
    int head = context.groupIdy * headDim;
    int ofQueries = sequence * queries * stride + head;
    int keyHead = context.groupIdy / (ints.get(9) / keyHeads) * headDim;
    int ofKeys = sequence * keys * keyStride + keyHead;
    int qAt = ints.get(0) + ofQueries;
    int kAt = ints.get(1) + ofKeys;
    int vAt = ints.get(2) + ofKeys;
    int worldFromImageAt = ints.get(5);
    int i = context.localIdx;
    int j = context.localIdy;
    int thread = j * ROWS + i;
    int firstQuery = context.groupIdx % groups * ROWS;
    int query = firstQuery + j;
    int outAt = ints.get(6) + ofQueries + query * stride;
    // Of the row of the bias that belongs to the head, the column of key 0.
    int biasAt = ints.get(3) + context.groupIdy * (queries + keys - 1) + queries - 1 - query;
    // What a thread loads: a channel of every eighth row.
    int loadedChannel = thread % CHANNELS;
    int loadedRow = thread / CHANNELS;
    float scale = floats.get(0);
    float maximum = LOWEST;
    float total = 0f;
    for (int firstKey = 0; firstKey < keys; firstKey += KEYS) {
      float score0 = 0f;
      float score1 = 0f;
      float score2 = 0f;
      float score3 = 0f;
      for (int channels = 0; channels < headDim; channels += CHANNELS) {
        int channel = channels + loadedChannel;
        for (int row = loadedRow; row < ROWS; row += THREADS / CHANNELS) {
          float value = 0f;
          if (firstQuery + row < queries && channel < headDim) {
            int at = qAt + (firstQuery + row) * stride;
            int matrix = ints.get(4) + (firstQuery + row) / queriesPerFrame * 16;
            value = element(q, at, channel, cameras, imageFromWorld, matrix, 1, 4);
          }
          queryTile[row * CHANNELS + loadedChannel] = value;
        }
        for (int row = loadedRow; row < KEYS; row += THREADS / CHANNELS) {
          float value = 0f;
          if (firstKey + row < keys && channel < headDim) {
            int at = kAt + (firstKey + row) * keyStride;
            int inFrames = firstKey + row - plainKeys;
            int matrix = worldFromImageAt + inFrames / keysPerFrame * 16;
            boolean seen = cameras && inFrames >= 0;
            value = element(k, at, channel, seen, worldFromImage, matrix, 4, 1);
          }
          tile[loadedChannel * KEY_STRIDE + row] = value;
        }
        context.localBarrier();
        float sum0 = 0f;
        float sum1 = 0f;
        float sum2 = 0f;
        float sum3 = 0f;
        for (int step = 0; step < CHANNELS; step++) {
          float value = queryTile[j * CHANNELS + step];
          int at = step * KEY_STRIDE + i;
          sum0 += value * tile[at];
          sum1 += value * tile[at + ROWS];
          sum2 += value * tile[at + 2 * ROWS];
          sum3 += value * tile[at + 3 * ROWS];
        }
        score0 += sum0;
        score1 += sum1;
        score2 += sum2;
        score3 += sum3;
        context.localBarrier();
      }
      int key = firstKey + i;
      score0 = finished(score0, scale, biased, bias, biasAt, query, queries, key, keys);
      score1 = finished(score1, scale, biased, bias, biasAt, query, queries, key + ROWS, keys);
      score2 = finished(score2, scale, biased, bias, biasAt, query, queries, key + 2 * ROWS, keys);
      score3 = finished(score3, scale, biased, bias, biasAt, query, queries, key + 3 * ROWS, keys);
      maxima[thread] =
          TornadoMath.max(TornadoMath.max(score0, score1), TornadoMath.max(score2, score3));
      context.localBarrier();
      float before = maximum;
      for (int step = 0; step < ROWS; step++) {
        maximum = TornadoMath.max(maximum, maxima[j * ROWS + step]);
      }
      float correction = TornadoMath.exp(before - maximum);
      float weight0 = weight(score0, maximum, key, keys);
      float weight1 = weight(score1, maximum, key + ROWS, keys);
      float weight2 = weight(score2, maximum, key + 2 * ROWS, keys);
      float weight3 = weight(score3, maximum, key + 3 * ROWS, keys);
      weights[j * KEYS + i] = weight0;
      weights[j * KEYS + i + ROWS] = weight1;
      weights[j * KEYS + i + 2 * ROWS] = weight2;
      weights[j * KEYS + i + 3 * ROWS] = weight3;
      sums[thread] = weight0 + weight1 + (weight2 + weight3);
      context.localBarrier();
      float tileTotal = 0f;
      for (int step = 0; step < ROWS; step++) {
        tileTotal += sums[j * ROWS + step];
      }
      total = total * correction + tileTotal;
      for (int channels = 0; channels < headDim; channels += CHANNELS) {
        int channel = channels + loadedChannel;
        for (int row = loadedRow; row < KEYS; row += THREADS / CHANNELS) {
          float value = 0f;
          if (firstKey + row < keys && channel < headDim) {
            int at = vAt + (firstKey + row) * keyStride;
            int inFrames = firstKey + row - plainKeys;
            int matrix = worldFromImageAt + inFrames / keysPerFrame * 16;
            boolean seen = cameras && inFrames >= 0;
            value = element(v, at, channel, seen, worldFromImage, matrix, 4, 1);
          }
          tile[row * CHANNELS + loadedChannel] = value;
        }
        context.localBarrier();
        float first = 0f;
        float second = 0f;
        for (int part = 0; part < KEYS; part += ROWS) {
          float sum0 = 0f;
          float sum1 = 0f;
          for (int step = part; step < part + ROWS; step++) {
            float weight = weights[j * KEYS + step];
            sum0 += weight * tile[step * CHANNELS + i];
            sum1 += weight * tile[step * CHANNELS + i + ROWS];
          }
          first += sum0;
          second += sum1;
        }
        if (query < queries && channels + i < headDim) {
          accumulate(out, outAt + channels + i, firstKey, correction, first);
        }
        if (query < queries && channels + i + ROWS < headDim) {
          accumulate(out, outAt + channels + i + ROWS, firstKey, correction, second);
        }
        context.localBarrier();
      }
    }
    int matrix = ints.get(4) + query / queriesPerFrame * 16;
    for (int channels = 0; channels < headDim; channels += ROWS) {
      // A matrix needs the channels of other threads, which have them in the tile.
      int channel = channels + i;
      boolean inside = query < queries && channel < headDim;
      float value = 0f;
      if (inside) {
        value = out.get(outAt + channel) / total;
      }
      tile[thread] = value;
      context.localBarrier();
      if (inside && cameras) {
        int at = matrix + i % 4 * 4;
        int from = thread - i % 4;
        value =
            imageFromWorld.get(at) * tile[from]
                + imageFromWorld.get(at + 1) * tile[from + 1]
                + imageFromWorld.get(at + 2) * tile[from + 2]
                + imageFromWorld.get(at + 3) * tile[from + 3];
      }
      context.localBarrier();
      if (inside) {
        out.set(outAt + channel, value);
      }
    }
  }

  /**
   * A channel of a row, or of its group of four multiplied by a matrix.
   *
   * @param rowStride of the matrix: 4, or 1 for its transpose
   * @param columnStride the other one
   */
  private static float element(
      FloatArray rows,
      int at,
      int channel,
      boolean transformed,
      FloatArray matrices,
      int matrix,
      int rowStride,
      int columnStride) {
    float value = 0f;
    if (transformed) {
      int inGroup = channel % 4;
      int first = at + channel - inGroup;
      int row = matrix + inGroup * rowStride;
      value =
          matrices.get(row) * rows.get(first)
              + matrices.get(row + columnStride) * rows.get(first + 1)
              + matrices.get(row + 2 * columnStride) * rows.get(first + 2)
              + matrices.get(row + 3 * columnStride) * rows.get(first + 3);
    } else {
      value = rows.get(at + channel);
    }
    return value;
  }

  /** A score with scale and bias; excluded keys and those beyond the last one have the lowest. */
  private static float finished(
      float product,
      float scale,
      boolean biased,
      FloatArray bias,
      int biasAt,
      int query,
      int queries,
      int key,
      int keys) {
    float score = LOWEST;
    if (key < keys) {
      score = product * scale;
      if (biased && query < queries) {
        score = TornadoMath.max(score + bias.get(biasAt + key), LOWEST);
      }
    }
    return score;
  }

  private static float weight(float score, float maximum, int key, int keys) {
    return key < keys ? TornadoMath.exp(score - maximum) : 0f;
  }

  /** Adds to a sum whose weights so far were relative to another maximum. */
  private static void accumulate(
      FloatArray out, int at, int firstKey, float correction, float sum) {
    float all = sum;
    if (firstKey > 0) {
      all = out.get(at) * correction + sum;
    }
    out.set(at, all);
  }
}
