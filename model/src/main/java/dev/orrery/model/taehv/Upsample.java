package dev.orrery.model.taehv;

import dev.orrery.kernels.layout.NearestUpsample;
import dev.orrery.kernels.layout.TimeUnshuffle;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.Linear;
import dev.orrery.model.layers.PaddedConv;
import dev.orrery.model.layers.Parameters;
import dev.orrery.runtime.memory.Workspace;

/**
 * The end of a stage: doubles the rows and columns, doubles the frames where so configured, and
 * changes the channels.
 *
 * <pre>
 * x ─ 1x1, halves of the channels to frames ─ nearest x2 ─ conv ─ out
 * </pre>
 *
 * <p>Upstream repeats the pixels first. Pixel by pixel the 1x1 convolution gives the same, here
 * from a quarter of them.
 */
final class Upsample {
  private final Linear grow;
  private final boolean doublesFrames;
  private final TimeUnshuffle timeUnshuffle;
  private final NearestUpsample nearest;
  private final PaddedConv conv;
  private final int outChannels;

  /**
   * The layers {@code layer} (which has no parameters), {@code layer + 1} and {@code layer + 2}.
   */
  Upsample(Parameters p, int layer, int in, int out, boolean doublesFrames) {
    int grown = doublesFrames ? 2 * in : in;
    grow = Linear.patches(p.at(layer + 1 + ".conv"), false, grown, in, 1, 1);
    this.doublesFrames = doublesFrames;
    timeUnshuffle = p.kernel(TimeUnshuffle.class);
    nearest = p.kernel(NearestUpsample.class);
    conv = PaddedConv.withoutBias(p.at(String.valueOf(layer + 2)), in, out);
    outChannels = out;
  }

  /** {@code x [T, Y, X, in]} to {@code [T or 2T, 2Y, 2X, out]}. */
  Tensor forward(Tensor x, Workspace.Frame frame) {
    int frames = doublesFrames ? 2 * x.size(0) : x.size(0);
    Tensor out = frame.like(x, frames, 2L * x.size(1), 2L * x.size(2), outChannels);
    try (Workspace.Frame inner = frame.inner()) {
      int channels = x.size(3);
      long pixels = (long) x.size(1) * x.size(2);
      Tensor y = inner.like(x, frames, x.size(1), x.size(2), channels);
      Tensor flat = x.reshape(x.size(0) * pixels, channels);
      if (doublesFrames) {
        Tensor both = grow.forward(flat, inner);
        timeUnshuffle.run(
            both.reshape(x.size(0), pixels, 2L * channels), y.reshape(frames, pixels, channels));
      } else {
        grow.into(flat, y.reshape(frames * pixels, channels), inner);
      }
      Tensor large = inner.like(x, frames, out.size(1), out.size(2), channels);
      nearest.run(y, large);
      conv.into(large, out);
    }
    return out;
  }
}
