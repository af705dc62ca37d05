package dev.orrery.model.taehv;

import dev.orrery.kernels.layout.NearestUpsample;
import dev.orrery.kernels.layout.TimeUnshuffle;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.Linear;
import dev.orrery.model.layers.LinearInput;
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
  }

  /** Frames that come out when {@code frames} go in. */
  int framesAfter(int frames) {
    return doublesFrames ? 2 * frames : frames;
  }

  /** {@code x [T, Y, X, in]} to {@code out [framesAfter(T), 2Y, 2X, out]}. */
  void forward(Tensor x, Workspace workspace, Tensor out) {
    int frames = x.size(0);
    int channels = x.size(3);
    long pixels = (long) x.size(1) * x.size(2);
    try (Workspace.Frame frame = workspace.frame()) {
      Tensor y = frame.like(x, framesAfter(frames), x.size(1), x.size(2), channels);
      LinearInput flat = LinearInput.of(x.reshape(frames * pixels, channels), frame);
      if (doublesFrames) {
        Tensor both = frame.like(x, frames, pixels, 2L * channels);
        grow.forward(flat, both.reshape(frames * pixels, 2L * channels));
        timeUnshuffle.run(both, y.reshape(2L * frames, pixels, channels));
      } else {
        grow.forward(flat, y.reshape(frames * pixels, channels));
      }
      Tensor large = frame.like(x, y.size(0), out.size(1), out.size(2), channels);
      nearest.run(y, large);
      conv.forward(large, out);
    }
  }
}
