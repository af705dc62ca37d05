package dev.orrery.kernels.position;

import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.kernels.tornado.KernelCode;
import dev.orrery.kernels.tornado.TornadoDevice;
import dev.orrery.kernels.tornado.TornadoKernel;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * One pair a thread; channels that stay are pairs of neighbours, the last channel of an odd head is
 * a pair of its own.
 */
public final class RopeTornado extends TornadoKernel implements Rope {
  private static final KernelCode ROPE = KernelCode.parallel(RopeTornado::rope);

  public RopeTornado(TornadoDevice device) {
    super(device);
  }

  @Override
  public void launch(Tensor x, Tensor table, Pairs layout, Tensor out) {
    int heads = x.size(1);
    int headDim = x.size(2);
    int count = Math.toIntExact((long) x.size(0) * heads * Math.ceilDiv(headDim, 2));
    device()
        .run(
            ROPE,
            count,
            new int[] {
              count,
              heads,
              headDim,
              table.size(1),
              Math.max(1, x.size(0) / table.size(0)),
              layout == Pairs.HALVES ? 1 : 0
            },
            NO_FLOATS,
            x,
            table,
            out);
  }

  /** The kernel; public for TornadoVM, which compiles it. */
  public static void rope(
      IntArray ints, FloatArray floats, FloatArray x, FloatArray table, FloatArray out) {
    int xAt = ints.get(0);
    int tableAt = ints.get(1);
    int outAt = ints.get(2);
    int count = ints.get(3);
    int heads = ints.get(4);
    int headDim = ints.get(5);
    int pairs = ints.get(6);
    int tokensPerRow = ints.get(7);
    int halves = ints.get(8);
    int pairsOfHead = (headDim + 1) / 2;
    for (@Parallel int i = 0; i < count; i++) {
      int pair = i % pairsOfHead;
      int head = i / pairsOfHead * headDim;
      int at = head + 2 * pair;
      int other = at + 1;
      if (halves == 1 && pair < pairs) {
        at = head + pair;
        other = at + pairs;
      }
      float a = x.get(xAt + at);
      if (pair < pairs) {
        int row = i / pairsOfHead / heads / tokensPerRow;
        float b = x.get(xAt + other);
        float cos = table.get(tableAt + 2 * (row * pairs + pair));
        float sin = table.get(tableAt + 2 * (row * pairs + pair) + 1);
        out.set(outAt + at, a * cos - b * sin);
        out.set(outAt + other, b * cos + a * sin);
      } else {
        out.set(outAt + at, a);
        if (2 * pair + 1 < headDim) {
          out.set(outAt + other, x.get(xAt + other));
        }
      }
    }
  }
}
