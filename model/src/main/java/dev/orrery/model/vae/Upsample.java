package dev.orrery.model.vae;

import dev.orrery.kernels.conv.Conv2d;
import dev.orrery.kernels.layout.NearestUpsample;
import dev.orrery.kernels.layout.TimeUnshuffle;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.Parameters;
import dev.orrery.runtime.memory.FeatureCache;
import dev.orrery.runtime.memory.Workspace;

/**
 * Doubles the rows and columns and halves the channels; doubles the frames first where so
 * configured. The first latent frame of a stream stays one frame and is not remembered: the
 * temporal convolution sees zeros in its place.
 */
final class Upsample {
  private static final int HISTORY_FRAMES = 2;

  private final Tensor weight;
  private final Tensor bias;
  private final CausalConv timeConv;
  private final Conv2d conv2d;
  private final NearestUpsample nearest;
  private final TimeUnshuffle timeUnshuffle;

  Upsample(Parameters p, int channels, boolean temporal) {
    weight = p.convolution("resample.1.weight", channels / 2, channels, 3, 3);
    bias = p.get("resample.1.bias", channels / 2);
    timeConv = temporal ? new CausalConv(p.at("time_conv"), channels, 2 * channels, 3, 1) : null;
    conv2d = p.kernel(Conv2d.class);
    nearest = p.kernel(NearestUpsample.class);
    timeUnshuffle = p.kernel(TimeUnshuffle.class);
  }

  /** Whether this step doubles the frames. */
  boolean temporal() {
    return timeConv != null;
  }

  /**
   * One chunk.
   *
   * @param x {@code [T, Y, X, C]}
   * @param out {@code [T', 2Y, 2X, C/2]}, T' being T for the first latent frame of a stream and
   *     without a temporal step, else 2T
   */
  void forward(Tensor x, FeatureCache cache, Workspace workspace, Tensor out) {
    int frames = x.size(0);
    int rows = x.size(1);
    int columns = x.size(2);
    int channels = x.size(3);
    try (Workspace.Frame frame = workspace.frame()) {
      Tensor y = x;
      if (timeConv != null) {
        FeatureCache.History history = cache.next(HISTORY_FRAMES, x);
        if (history.started()) {
          Tensor both = frame.empty(frames, rows, columns, 2L * channels);
          timeConv.forward(history.frames(), x, 1, both);
          history.push(x);
          y = frame.empty(2L * frames, rows, columns, channels);
          timeUnshuffle.run(
              both.reshape(frames, (long) rows * columns, 2L * channels),
              y.reshape(2L * frames, (long) rows * columns, channels));
        } else {
          history.start();
        }
      }
      Tensor large = frame.empty(y.size(0), 2L * rows, 2L * columns, channels);
      nearest.run(y, large);
      conv2d.run(large, weight, bias, 1, Conv2d.Padding.all(1), out);
    }
  }
}
