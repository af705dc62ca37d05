package dev.orrery.model.vae22;

import dev.orrery.kernels.layout.PatchOrder;
import dev.orrery.kernels.layout.UpsampleShortcut;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.Parameters;
import dev.orrery.model.vae.ResidualStage;
import dev.orrery.model.vae.Upsample;
import dev.orrery.model.vae.VaeStyle;
import dev.orrery.runtime.memory.FeatureCache;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;

/**
 * One resolution of the decoder. All but the last are enlarged, with a shortcut around all of it.
 *
 * <pre>
 * x ─ residual blocks ─ Upsample ─ (+) ─ out
 *   └ repeated channels ───────────┘
 * </pre>
 */
final class DecoderStage {
  private final String name;
  private final ResidualStage blocks;
  private final Upsample upsample;
  private final UpsampleShortcut shortcut;
  private final int boxFrames;

  /** Stage {@code index} of {@code decoder}. */
  DecoderStage(Parameters decoder, Vae22Config config, int index) {
    name = "up_blocks." + index;
    int in = config.decoderChannels(Math.max(0, index - 1));
    int outChannels = config.decoderChannels(index);
    blocks =
        new ResidualStage(
            decoder,
            VaeStyle.DIFFUSERS,
            ResidualStage.consecutive(name + ".resnets", 0, config.resBlocks() + 1),
            in,
            outChannels);
    boolean last = index == config.lastStage();
    boolean temporal = !last && config.temporalDownsample().get(config.lastStage() - 1 - index);
    upsample =
        last
            ? null
            : new Upsample(decoder, name + ".upsampler", outChannels, outChannels, temporal);
    shortcut = decoder.kernel(UpsampleShortcut.class);
    boxFrames = temporal ? 2 : 1;
  }

  /**
   * One chunk.
   *
   * @param x {@code [T, Y, X, in]}; T is 1 in the first chunk
   */
  Tensor forward(Tensor x, FeatureCache cache, Workspace.Frame frame, Trace trace) {
    Tensor y = blocks.forward(x, cache, frame, trace);
    if (upsample == null) {
      trace.tap(name, y);
      return y;
    }
    Tensor out = upsample.forward(y, cache, frame, trace);
    shortcut.run(x, boxFrames, 2, PatchOrder.CHANNEL_SLOWEST, out);
    trace.tap(name, out);
    return out;
  }
}
