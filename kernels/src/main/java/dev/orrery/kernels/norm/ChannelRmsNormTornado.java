package dev.orrery.kernels.norm;

import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.linear.ActivationTornado;
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

/** A group of threads for each pixel. */
public final class ChannelRmsNormTornado extends TornadoKernel implements ChannelRmsNorm {
  private static final KernelCode CHANNEL_RMS_NORM =
      KernelCode.cooperative(ChannelRmsNormTornado::channelRmsNorm);

  public ChannelRmsNormTornado(TornadoDevice device) {
    super(device);
  }

  @Override
  public void launch(Tensor x, Tensor gamma, Activation activation, Tensor out) {
    requireVector("gamma", gamma);
    int channels = x.size(1);
    device()
        .run(
            CHANNEL_RMS_NORM,
            Grid.ofRows(x.size(0), RowSum.THREADS),
            new int[] {channels, activation.code()},
            new float[] {(float) Math.sqrt(channels), (float) MIN_LENGTH},
            x,
            gamma,
            out);
  }

  /** The kernel; public for TornadoVM, which compiles it. */
  public static void channelRmsNorm(
      KernelContext context,
      IntArray ints,
      FloatArray floats,
      FloatArray x,
      FloatArray gamma,
      FloatArray out) {
    float[] shared = context.allocateFloatLocalArray(RowSum.THREADS);
    int channels = ints.get(3);
    int activation = ints.get(4);
    int xAt = ints.get(0) + context.groupIdx * channels;
    int gammaAt = ints.get(1);
    int outAt = ints.get(2) + context.groupIdx * channels;
    float squares = 0f;
    for (int c = context.localIdx; c < channels; c += RowSum.THREADS) {
      float value = x.get(xAt + c);
      squares += value * value;
    }
    float length = TornadoMath.sqrt(RowSum.of(context, shared, squares));
    float factor = floats.get(0) / TornadoMath.max(length, floats.get(1));
    for (int c = context.localIdx; c < channels; c += RowSum.THREADS) {
      float value = x.get(xAt + c) * factor * gamma.get(gammaAt + c);
      out.set(outAt + c, ActivationTornado.apply(value, activation));
    }
  }
}
