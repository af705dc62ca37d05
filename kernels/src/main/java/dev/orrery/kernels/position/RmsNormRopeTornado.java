package dev.orrery.kernels.position;

import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.kernels.tornado.Grid;
import dev.orrery.kernels.tornado.KernelCode;
import dev.orrery.kernels.tornado.RowSum;
import dev.orrery.kernels.tornado.TornadoDevice;
import dev.orrery.kernels.tornado.TornadoKernel;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * A group of threads for each span, a token or a head: its mean square, then its pairs. The last
 * channel of an odd head is a pair of its own.
 */
public final class RmsNormRopeTornado extends TornadoKernel implements RmsNormRope {
  private static final KernelCode RMS_NORM_ROPE =
      KernelCode.cooperative(RmsNormRopeTornado::rmsNormRope);

  public RmsNormRopeTornado(TornadoDevice device) {
    super(device);
  }

  @Override
  public void launch(Tensor x, Span span, Tensor weight, double eps, Tensor table, Tensor out) {
    requireVector("weight", weight);
    int heads = x.size(1);
    int headDim = x.size(2);
    int headsOfSpan = span == Span.TOKEN ? heads : 1;
    int spansOfToken = span == Span.TOKEN ? 1 : heads;
    int tokensPerRow = Math.max(1, x.size(0) / table.size(0));
    device()
        .run(
            RMS_NORM_ROPE,
            Grid.ofRows(Math.multiplyExact(x.size(0), spansOfToken), RowSum.THREADS),
            new int[] {
              headsOfSpan,
              headDim,
              table.size(1),
              Math.multiplyExact(spansOfToken, tokensPerRow),
              flag(weight != null)
            },
            new float[] {(float) eps},
            x,
            orElse(weight, x),
            table,
            out);
  }

  /** The kernel; public for TornadoVM, which compiles it. */
  public static void rmsNormRope(
      KernelContext context,
      IntArray ints,
      FloatArray floats,
      FloatArray x,
      FloatArray weight,
      FloatArray table,
      FloatArray out) {
    float[] shared = context.allocateFloatLocalArray(RowSum.THREADS);
    int heads = ints.get(4);
    int headDim = ints.get(5);
    int pairs = ints.get(6);
    boolean weighted = ints.get(8) != 0;
    int width = heads * headDim;
    int pairsOfHead = (headDim + 1) / 2;
    int xAt = ints.get(0) + context.groupIdx * width;
    int weightAt = ints.get(1);
    int tableAt = ints.get(2) + context.groupIdx / ints.get(7) * pairs * 2;
    int outAt = ints.get(3) + context.groupIdx * width;
    float squares = 0f;
    for (int c = context.localIdx; c < width; c += RowSum.THREADS) {
      float value = x.get(xAt + c);
      squares += value * value;
    }
    float sum = RowSum.of(context, shared, squares);
    float factor = 1f / TornadoMath.sqrt(sum / width + floats.get(0));
    for (int i = context.localIdx; i < heads * pairsOfHead; i += RowSum.THREADS) {
      int pair = i % pairsOfHead;
      int c = i / pairsOfHead * headDim + 2 * pair;
      boolean whole = 2 * pair + 1 < headDim;
      float a = x.get(xAt + c) * factor;
      float b = 0f;
      if (whole) {
        b = x.get(xAt + c + 1) * factor;
      }
      if (weighted) {
        a = a * weight.get(weightAt + c);
        if (whole) {
          b = b * weight.get(weightAt + c + 1);
        }
      }
      float cos = 1f;
      float sin = 0f;
      if (pair < pairs) {
        cos = table.get(tableAt + 2 * pair);
        sin = table.get(tableAt + 2 * pair + 1);
      }
      out.set(outAt + c, a * cos - b * sin);
      if (whole) {
        out.set(outAt + c + 1, b * cos + a * sin);
      }
    }
  }
}
