package dev.orrery.kernels.linear.quantized;

import dev.orrery.kernels.tensor.Check;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.kernels.tornado.Grid;
import dev.orrery.kernels.tornado.KernelCode;
import dev.orrery.kernels.tornado.TornadoDevice;
import dev.orrery.kernels.tornado.TornadoKernel;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.math.TornadoMath;
import uk.ac.manchester.tornado.api.types.arrays.ByteArray;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * A group of threads for each row, to int8 alone: slabs hold no fp8, and no kernel here would take
 * it.
 *
 * <p>A row has the bits of the contract where the device rounds quotients correctly. OpenCL allows
 * an error of 2.5 ulp; there the scale may differ in its last bits, and so may what a value close
 * to a tie is rounded to.
 */
public final class QuantizeRowsTornado extends TornadoKernel implements QuantizeRows {
  private static final KernelCode QUANTIZE =
      KernelCode.cooperative(QuantizeRowsTornado::quantizeRows);

  /** Threads of a group, a constant of the kernel. */
  private static final int THREADS = 64;

  public QuantizeRowsTornado(TornadoDevice device) {
    super(device);
  }

  @Override
  public void launch(Tensor x, ScaledRows out) {
    Tensor values = out.values();
    Check.that(
        values.dtype() == DType.I8,
        "values: expected I8 on a device of TornadoVM, found " + values);
    device()
        .run(
            QUANTIZE,
            Grid.ofRows(x.size(0), THREADS),
            new int[] {x.size(1)},
            new float[] {QuantizeRows.limit(DType.I8), Float.POSITIVE_INFINITY, Float.NaN},
            x,
            values,
            out.scales());
  }

  /** The kernel; public for TornadoVM, which compiles it. */
  public static void quantizeRows(
      KernelContext context,
      IntArray ints,
      FloatArray floats,
      FloatArray x,
      ByteArray values,
      FloatArray scales) {
    float[] shared = context.allocateFloatLocalArray(THREADS);
    int columns = ints.get(3);
    int xAt = ints.get(0) + context.groupIdx * columns;
    int valuesAt = ints.get(1) + context.groupIdx * columns;
    float limit = floats.get(0);
    float own = 0f;
    for (int c = context.localIdx; c < columns; c += THREADS) {
      float magnitude = TornadoMath.abs(x.get(xAt + c));
      if (!isFinite(magnitude)) {
        magnitude = floats.get(1);
      }
      own = TornadoMath.max(own, magnitude);
    }
    float largest = largest(context, shared, own);
    float scale = largest / limit;
    float factor = limit / largest;
    if (!isFinite(factor)) {
      scale = 0f;
      factor = 0f;
    }
    if (!isFinite(largest)) {
      scale = floats.get(2);
    }
    if (context.localIdx == 0) {
      scales.set(ints.get(2) + context.groupIdx, scale);
    }
    for (int c = context.localIdx; c < columns; c += THREADS) {
      int rounded = 0;
      // Beyond the largest number the factor is 0 too.
      if (factor != 0f) {
        rounded = round(x.get(xAt + c) * factor);
      }
      values.set(valuesAt + c, (byte) rounded);
    }
  }

  /** A comparison that NaN fails on every device, which one by order need not. */
  private static boolean isFinite(float value) {
    return value - value == 0f;
  }

  /**
   * The nearest integer, ties to even, of a magnitude up to 127 and an ulp. It is computed on
   * integers: a fused multiply-add would round the scaled value and its sum with anything at once.
   */
  private static int round(float scaled) {
    // From a half on, fp32 has no bits beyond these 24.
    int fixed = (int) (TornadoMath.abs(scaled) * 0x1p24f);
    int whole = fixed >> 24;
    int rest = fixed & (1 << 24) - 1;
    if (rest + (whole & 1) > 1 << 23) {
      whole++;
    }
    return scaled < 0f ? -whole : whole;
  }

  /** The largest value of all threads of the group, which all call it and all get it. */
  private static float largest(KernelContext context, float[] shared, float value) {
    int thread = context.localIdx;
    shared[thread] = value;
    for (int half = THREADS / 2; half > 0; half /= 2) {
      context.localBarrier();
      if (thread < half) {
        shared[thread] = TornadoMath.max(shared[thread], shared[thread + half]);
      }
    }
    context.localBarrier();
    return shared[0];
  }
}
