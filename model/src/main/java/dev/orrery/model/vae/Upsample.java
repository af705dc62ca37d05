package dev.orrery.model.vae;

import dev.orrery.kernels.conv.Conv2d;
import dev.orrery.kernels.layout.NearestUpsample;
import dev.orrery.kernels.layout.TimeUnshuffle;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.Parameters;
import dev.orrery.runtime.memory.FeatureCache;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;

/**
 * Doubles the rows and columns and changes the channels; doubles the frames first where so
 * configured. The first latent frame of a stream stays one frame and is not remembered: the
 * temporal convolution sees zeros in its place.
 */
public final class Upsample {
  private static final int HISTORY_FRAMES = 2;

  private final String name;
  private final Tensor weight;
  private final Tensor bias;
  private final CausalConv timeConv;
  private final int outChannels;
  private final Conv2d conv2d;
  private final NearestUpsample nearest;
  private final TimeUnshuffle timeUnshuffle;

  /**
   * A layer of a list of layers.
   *
   * @param name its name, {@code upsamples.3}
   */
  public Upsample(Parameters list, String name, int in, int out, boolean temporal) {
    Parameters p = list.at(name);
    this.name = name;
    weight = p.convolution("resample.1.weight", out, in, 3, 3);
    bias = p.get("resample.1.bias", out);
    timeConv = temporal ? new CausalConv(p.at("time_conv"), in, 2 * in, 3, 1) : null;
    outChannels = out;
    conv2d = p.kernel(Conv2d.class);
    nearest = p.kernel(NearestUpsample.class);
    timeUnshuffle = p.kernel(TimeUnshuffle.class);
  }

  /**
   * One chunk.
   *
   * @param x {@code [T, Y, X, in]}
   * @return {@code [T', 2Y, 2X, out]}, T' being T for the first latent frame of a stream and
   *     without a temporal step, else 2T
   */
  public Tensor forward(Tensor x, FeatureCache cache, Workspace.Frame frame, Trace trace) {
    FeatureCache.History history = timeConv == null ? null : cache.next(HISTORY_FRAMES, x);
    boolean doubles = history != null && history.started();
    long frames = doubles ? 2L * x.size(0) : x.size(0);
    long rows = 2L * x.size(1);
    long columns = 2L * x.size(2);
    int channels = x.size(3);
    Tensor out = frame.like(x, frames, rows, columns, outChannels);
    try (Workspace.Frame inner = frame.inner()) {
      Tensor y = doubles ? doubleFrames(x, history, inner) : x;
      Tensor large = inner.like(x, frames, rows, columns, channels);
      nearest.run(y, large);
      conv2d.run(large, weight, bias, 1, Conv2d.Padding.all(1), out);
    }
    if (history != null && !doubles) {
      history.start();
    }
    trace.tap(name, out);
    return out;
  }

  private Tensor doubleFrames(Tensor x, FeatureCache.History history, Workspace.Frame frame) {
    int frames = x.size(0);
    int channels = x.size(3);
    long pixels = (long) x.size(1) * x.size(2);
    Tensor both = frame.like(x, frames, x.size(1), x.size(2), 2L * channels);
    timeConv.into(history.frames(), x, 1, both);
    history.push(x);
    Tensor doubled = frame.like(x, 2L * frames, x.size(1), x.size(2), channels);
    timeUnshuffle.run(
        both.reshape(frames, pixels, 2L * channels),
        doubled.reshape(2L * frames, pixels, channels));
    return doubled;
  }
}
