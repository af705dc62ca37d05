package dev.orrery.kernels.norm;

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

/** A group of threads for each row. */
public final class RmsNormTornado extends TornadoKernel implements RmsNorm {
  private static final KernelCode RMS_NORM = KernelCode.cooperative(RmsNormTornado::rmsNorm);

  public RmsNormTornado(TornadoDevice device) {
    super(device);
  }

  @Override
  public void launch(Tensor x, Tensor weight, double eps, Tensor out) {
    requireVector("weight", weight);
    device()
        .run(
            RMS_NORM,
            Grid.ofRows(x.size(0), RowSum.THREADS),
            new int[] {x.size(1), flag(weight != null)},
            new float[] {(float) eps},
            x,
            orElse(weight, x),
            out);
  }

  /** The kernel; public for TornadoVM, which compiles it. */
  public static void rmsNorm(
      KernelContext context,
      IntArray ints,
      FloatArray floats,
      FloatArray x,
      FloatArray weight,
      FloatArray out) {
    float[] shared = context.allocateFloatLocalArray(RowSum.THREADS);
    int columns = ints.get(3);
    int xAt = ints.get(0) + context.groupIdx * columns;
    int weightAt = ints.get(1);
    int outAt = ints.get(2) + context.groupIdx * columns;
    boolean weighted = ints.get(4) != 0;
    float squares = 0f;
    for (int c = context.localIdx; c < columns; c += RowSum.THREADS) {
      float value = x.get(xAt + c);
      squares += value * value;
    }
    float sum = RowSum.of(context, shared, squares);
    float factor = 1f / TornadoMath.sqrt(sum / columns + floats.get(0));
    for (int c = context.localIdx; c < columns; c += RowSum.THREADS) {
      float scale = factor;
      if (weighted) {
        scale = factor * weight.get(weightAt + c);
      }
      out.set(outAt + c, x.get(xAt + c) * scale);
    }
  }
}
