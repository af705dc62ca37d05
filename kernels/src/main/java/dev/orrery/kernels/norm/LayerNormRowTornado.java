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

/**
 * The layer norms, a group of threads for each row. In fp32 the mean of values that are far from
 * zero may be off by a part of their spread, so the deviations from it are summed as well as their
 * squares: what they sum to is the mean's error, and both moments are corrected by it.
 */
abstract class LayerNormRowTornado extends TornadoKernel {
  private static final KernelCode LAYER_NORM =
      KernelCode.cooperative(LayerNormRowTornado::layerNorm);

  LayerNormRowTornado(TornadoDevice device) {
    super(device);
  }

  /**
   * Normalizes rows to {@code normalized * (offset + scale) + shift}.
   *
   * @param scale {@code [P, C]} or {@code [C]}
   * @param shift the same
   * @param rowsPerParameters rows of x that share a row of scale and shift
   */
  final void launchRows(
      Tensor x,
      Tensor scale,
      Tensor shift,
      int rowsPerParameters,
      float offset,
      double eps,
      Tensor out) {
    device()
        .run(
            LAYER_NORM,
            Grid.ofRows(x.size(0), RowSum.THREADS),
            new int[] {x.size(1), rowsPerParameters},
            new float[] {(float) eps, offset},
            x,
            scale,
            shift,
            out);
  }

  /** The kernel; public for TornadoVM, which compiles it. */
  public static void layerNorm(
      KernelContext context,
      IntArray ints,
      FloatArray floats,
      FloatArray x,
      FloatArray scale,
      FloatArray shift,
      FloatArray out) {
    float[] shared = context.allocateFloatLocalArray(RowSum.THREADS);
    int columns = ints.get(4);
    int row = context.groupIdx;
    int parameters = row / ints.get(5) * columns;
    int xAt = ints.get(0) + row * columns;
    int scaleAt = ints.get(1) + parameters;
    int shiftAt = ints.get(2) + parameters;
    int outAt = ints.get(3) + row * columns;
    float values = 0f;
    for (int c = context.localIdx; c < columns; c += RowSum.THREADS) {
      values += x.get(xAt + c);
    }
    float mean = RowSum.of(context, shared, values) / columns;
    float deviations = 0f;
    float squares = 0f;
    for (int c = context.localIdx; c < columns; c += RowSum.THREADS) {
      float deviation = x.get(xAt + c) - mean;
      deviations += deviation;
      squares += deviation * deviation;
    }
    float correction = RowSum.of(context, shared, deviations) / columns;
    float variance = RowSum.of(context, shared, squares) / columns - correction * correction;
    float factor = 1f / TornadoMath.sqrt(TornadoMath.max(variance, 0f) + floats.get(0));
    float offset = floats.get(1);
    for (int c = context.localIdx; c < columns; c += RowSum.THREADS) {
      float normalized = (x.get(xAt + c) - mean - correction) * factor;
      out.set(outAt + c, normalized * (offset + scale.get(scaleAt + c)) + shift.get(shiftAt + c));
    }
  }
}
