package dev.orrery.model.vae22;

import dev.orrery.kernels.layout.DownsampleShortcut;
import dev.orrery.kernels.layout.PatchOrder;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.Parameters;
import dev.orrery.model.vae.Downsample;
import dev.orrery.model.vae.ResidualStage;
import dev.orrery.model.vae.VaeStyle;
import dev.orrery.runtime.memory.FeatureCache;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;

/**
 * One resolution of the encoder, with a shortcut around all of it.
 *
 * <pre>
 * x ─ residual blocks ─ Downsample, but for the last stage ─ (+) ─ out
 *   └ means of boxes ────────────────────────────────────────┘
 * </pre>
 */
final class EncoderStage {
  private final String name;
  private final ResidualStage blocks;
  private final Downsample downsample;
  private final DownsampleShortcut shortcut;
  private final int boxFrames;
  private final int boxSide;

  /** Stage {@code index} of {@code encoder}. */
  EncoderStage(Parameters encoder, Vae22Config config, int index) {
    name = "down_blocks." + index;
    int in = index == 0 ? config.encoderDim() : config.encoderChannels(index - 1);
    int outChannels = config.encoderChannels(index);
    blocks =
        new ResidualStage(
            encoder,
            VaeStyle.DIFFUSERS,
            ResidualStage.consecutive(name + ".resnets", 0, config.resBlocks()),
            in,
            outChannels);
    boolean last = index == config.lastStage();
    boolean temporal = !last && config.temporalDownsample().get(index);
    downsample =
        last ? null : new Downsample(encoder, name + ".downsampler", outChannels, temporal);
    shortcut = encoder.kernel(DownsampleShortcut.class);
    boxFrames = temporal ? 2 : 1;
    boxSide = last ? 1 : 2;
  }

  /**
   * One chunk.
   *
   * @param x {@code [T, Y, X, in]}; with a temporal step T is 1 in the first chunk and even
   *     afterwards
   */
  Tensor forward(Tensor x, FeatureCache cache, Workspace.Frame frame, Trace trace) {
    Tensor y = blocks.forward(x, cache, frame, trace);
    Tensor out = downsample == null ? y : downsample.forward(y, cache, frame, trace);
    shortcut.run(x, boxFrames, boxSide, PatchOrder.CHANNEL_SLOWEST, out);
    trace.tap(name, out);
    return out;
  }
}
