package dev.orrery.model.hunyuanvae;

import dev.orrery.kernels.layout.DownsampleShortcut;
import dev.orrery.kernels.layout.PatchOrder;
import dev.orrery.kernels.layout.Patchify;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.Parameters;
import dev.orrery.model.vae.CausalConv;
import dev.orrery.model.vae.VaeStyle;
import dev.orrery.runtime.memory.FeatureCache;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;

/**
 * Makes boxes of pixels the channels of one: 2 x 2 of a frame, or of two frames where the step is
 * temporal, with a shortcut around the convolution.
 *
 * <pre>
 * x ─ conv 3x3x3 to out / box ─ box to channels (dt, dy, dx, c) ─ (+) ─ out
 *   └ box to channels (dt, dy, dx, c), means of neighbours ───────┘
 * </pre>
 *
 * <p>At a temporal step the single frame that a stream begins with stands for both frames of its
 * boxes.
 */
final class BoxDownsample {
  private static final int SIDE = 2;
  private static final int FRAMES = 2;

  private final String name;
  private final CausalConv conv;
  private final int outChannels;
  private final boolean temporal;
  private final Patchify patchify;
  private final DownsampleShortcut shortcut;

  /**
   * A step behind a level.
   *
   * @param level name of the level in {@code encoder}, {@code down.0}
   */
  BoxDownsample(Parameters encoder, String level, int in, int out, boolean temporal) {
    name = level + ".downsample";
    int box = SIDE * SIDE * (temporal ? FRAMES : 1);
    conv = VaeStyle.HUNYUAN.conv(encoder.at(name + ".conv.conv"), in, out / box);
    outChannels = out;
    this.temporal = temporal;
    patchify = encoder.kernel(Patchify.class);
    shortcut = encoder.kernel(DownsampleShortcut.class);
  }

  /**
   * One chunk.
   *
   * @param x {@code [T, Y, X, in]}; at a temporal step T is 1 in the first chunk and even
   *     afterwards
   * @return {@code [T', Y/2, X/2, out]}
   */
  Tensor forward(Tensor x, FeatureCache cache, Workspace.Frame frame, Trace trace) {
    int frames = x.size(0);
    int boxFrames = temporal && frames > 1 ? FRAMES : 1;
    int rows = x.size(1) / SIDE;
    int columns = x.size(2) / SIDE;
    Tensor out = frame.like(x, frames / boxFrames, rows, columns, outChannels);
    try (Workspace.Frame inner = frame.inner()) {
      Tensor y = conv.forward(x, cache, inner);
      Tensor pixels = out.reshape(out.elements() / outChannels, outChannels);
      if (temporal) {
        joinFrames(y, boxFrames, (long) rows * columns, pixels);
      } else {
        patchify.run(y, SIDE, PatchOrder.CHANNEL_FASTEST, 0, pixels);
      }
    }
    shortcut.run(x, boxFrames, SIDE, PatchOrder.CHANNEL_FASTEST, out);
    trace.tap(name, out);
    return out;
  }

  /**
   * The first frames of boxes become the first halves of the channels, the second ones the rest.
   */
  private void joinFrames(Tensor y, int boxFrames, long pixelsOfFrame, Tensor pixels) {
    int half = outChannels / FRAMES;
    for (int t = 0; t < y.size(0) / boxFrames; t++) {
      Tensor ofFrame = pixels.slice(t * pixelsOfFrame, (t + 1) * pixelsOfFrame);
      for (int dt = 0; dt < FRAMES; dt++) {
        int from = t * boxFrames + Math.min(dt, boxFrames - 1);
        patchify.run(y.slice(from, from + 1), SIDE, PatchOrder.CHANNEL_FASTEST, dt * half, ofFrame);
      }
    }
  }
}
