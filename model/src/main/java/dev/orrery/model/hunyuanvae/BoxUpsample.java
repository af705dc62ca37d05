package dev.orrery.model.hunyuanvae;

import dev.orrery.kernels.layout.PatchOrder;
import dev.orrery.kernels.layout.TimeUnshuffle;
import dev.orrery.kernels.layout.Unpatchify;
import dev.orrery.kernels.layout.UpsampleShortcut;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.Parameters;
import dev.orrery.model.vae.CausalConv;
import dev.orrery.model.vae.VaeStyle;
import dev.orrery.runtime.memory.FeatureCache;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;

/**
 * Makes the channels of a pixel a box of pixels: 2 x 2 of a frame, or of two frames where the step
 * is temporal, with a shortcut around the convolution.
 *
 * <pre>
 * x ─ conv 3x3x3 to box * out ─ channels (dt, dy, dx, c) to box ─ (+) ─ out
 *   └ channels (dt, dy, dx, c) to box, each channel repeated ─────┘
 * </pre>
 *
 * <p>At a temporal step the frame that a stream begins with stays one frame. What the convolution
 * then gives counts (dy, dx, c) with twice the channels, of which the first half is taken.
 */
final class BoxUpsample {
  private static final int SIDE = 2;
  private static final int PIXELS = SIDE * SIDE;
  private static final int FRAMES = 2;

  private final String name;
  private final CausalConv conv;
  private final int outChannels;
  private final boolean temporal;
  private final TimeUnshuffle timeUnshuffle;
  private final Unpatchify unpatchify;
  private final UpsampleShortcut shortcut;

  /**
   * A step behind a level.
   *
   * @param level name of the level in {@code decoder}, {@code up.0}
   */
  BoxUpsample(Parameters decoder, String level, int in, int out, boolean temporal) {
    name = level + ".upsample";
    int box = PIXELS * (temporal ? FRAMES : 1);
    conv = VaeStyle.HUNYUAN.conv(decoder.at(name + ".conv.conv"), in, box * out);
    outChannels = out;
    this.temporal = temporal;
    timeUnshuffle = decoder.kernel(TimeUnshuffle.class);
    unpatchify = decoder.kernel(Unpatchify.class);
    shortcut = decoder.kernel(UpsampleShortcut.class);
  }

  /**
   * One chunk.
   *
   * @param x {@code [T, Y, X, in]}; T is 1 in the first chunk
   * @param first whether the chunk is the first of its stream
   * @return {@code [T', 2Y, 2X, out]}, T' being 2T at a temporal step behind the first chunk
   */
  Tensor forward(Tensor x, boolean first, FeatureCache cache, Workspace.Frame frame, Trace trace) {
    int boxFrames = temporal && !first ? FRAMES : 1;
    long frames = (long) boxFrames * x.size(0);
    Tensor out =
        frame.like(x, frames, (long) SIDE * x.size(1), (long) SIDE * x.size(2), outChannels);
    try (Workspace.Frame inner = frame.inner()) {
      Tensor y = conv.forward(x, cache, inner);
      if (temporal) {
        y = first ? firstHalf(y, inner) : bothHalves(y, inner);
      }
      long boxes = frames * x.size(1) * x.size(2);
      Tensor squares = y.reshape(boxes, (long) PIXELS * outChannels);
      unpatchify.run(squares, SIDE, PatchOrder.CHANNEL_FASTEST, out);
    }
    shortcut.run(x, boxFrames, SIDE, PatchOrder.CHANNEL_FASTEST, out);
    trace.tap(name, out);
    return out;
  }

  /** Of {@code y [1, Y, X, 4 * 2C]} the first C channels of each pixel of a square. */
  private Tensor firstHalf(Tensor y, Workspace.Frame frame) {
    long pixels = (long) PIXELS * y.size(1) * y.size(2);
    return split(y.reshape(1, pixels, 2L * outChannels), frame).slice(0, 1);
  }

  /** Of {@code y [T, Y, X, 2 * 4C]} the halves as consecutive frames. */
  private Tensor bothHalves(Tensor y, Workspace.Frame frame) {
    return split(y.reshape(y.size(0), (long) y.size(1) * y.size(2), y.size(3)), frame);
  }

  /** {@code x [T, P, 2C]} to {@code [2T, P, C]}. */
  private Tensor split(Tensor x, Workspace.Frame frame) {
    Tensor halves = frame.like(x, 2L * x.size(0), x.size(1), x.size(2) / 2);
    timeUnshuffle.run(x, halves);
    return halves;
  }
}
