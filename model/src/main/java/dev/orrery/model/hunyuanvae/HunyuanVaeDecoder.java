package dev.orrery.model.hunyuanvae;

import dev.orrery.kernels.elementwise.ChannelAffine;
import dev.orrery.kernels.layout.PatchOrder;
import dev.orrery.kernels.layout.UpsampleShortcut;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.Parameters;
import dev.orrery.model.vae.CausalConv;
import dev.orrery.model.vae.Head;
import dev.orrery.model.vae.Middle;
import dev.orrery.model.vae.ResidualStage;
import dev.orrery.model.vae.StreamedChunk;
import dev.orrery.model.vae.VaeStyle;
import dev.orrery.runtime.memory.FeatureCache;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Streaming decoder of HunyuanVideo-1.5's autoencoder: latents to pixels. What it remembers between
 * calls is a {@link FeatureCache}, so decoding frame by frame gives exactly what decoding many at
 * once would. Attention sees the pixels of its own latent frame only.
 *
 * <pre>
 * z [T, h, w, 32] ─ / scale ─ conv_in ─ (+) ─ mid ─ 5 levels of residual blocks, BoxUpsample between them
 *                           └ repeated ─┘     ─ norm_out, SiLU, conv_out ─ pixels [1 or 4T, 16h, 16w, 3]
 * </pre>
 *
 * <p>Source: {@code AutoencoderKLConv3D} of HunyuanVideo-1.5, as HY-WorldPlay streams it.
 */
public final class HunyuanVaeDecoder {
  private final HunyuanVaeConfig config;
  private final Tensor factors;
  private final Tensor zeros;
  private final ChannelAffine affine;
  private final CausalConv convIn;
  private final UpsampleShortcut shortcut;
  private final Middle middle;
  private final List<ResidualStage> levels = new ArrayList<>();
  private final List<BoxUpsample> upsamples = new ArrayList<>();
  private final Head head;

  /** A decoder from the tensors {@code decoder.*}. */
  public HunyuanVaeDecoder(Parameters p, HunyuanVaeConfig config) {
    this.config = config;
    int z = config.latentChannels();
    float[] inverses = new float[z];
    Arrays.fill(inverses, (float) (1 / config.scale()));
    factors = p.constant(inverses);
    zeros = p.constant(new float[z]);
    affine = p.kernel(ChannelAffine.class);
    Parameters decoder = p.at("decoder");
    VaeStyle style = VaeStyle.HUNYUAN;
    int widest = config.decoderChannels(0);
    convIn = style.conv(decoder.at("conv_in.conv"), z, widest);
    shortcut = decoder.kernel(UpsampleShortcut.class);
    middle = new Middle(decoder, style, widest);
    for (int level = 0; level <= config.lastLevel(); level++) {
      String name = "up." + level;
      int channels = config.decoderChannels(level);
      List<String> blocks = ResidualStage.consecutive(name + ".block", 0, config.resBlocks() + 1);
      levels.add(new ResidualStage(decoder, style, blocks, channels, channels));
      if (level < config.lastLevel()) {
        boolean temporal = config.decoderDoublesFrames(level);
        int next = config.decoderChannels(level + 1);
        upsamples.add(new BoxUpsample(decoder, name, channels, next, temporal));
      }
    }
    head =
        new Head(
            decoder, style, config.decoderChannels(config.lastLevel()), HunyuanVaeConfig.COLOURS);
  }

  /**
   * Decodes the next latent frames of a stream.
   *
   * @param latents {@code [T, h, w, C]}, fp32, as the transformer makes them; T is 1 in the first
   *     call of a stream
   * @param cache what the stream remembers; empty for the first frame
   * @param out {@code [1 or 4T, 16h, 16w, 3]}, about [-1, 1], not clipped, of the dtype to compute
   *     in
   * @throws IllegalArgumentException for a shape that does not fit
   */
  public void decode(
      Tensor latents, FeatureCache cache, Workspace workspace, Tensor out, Trace trace) {
    boolean first = StreamedChunk.ofLatents(latents, cache);
    try (Workspace.Frame frame = workspace.frame()) {
      Tensor z = unscaled(latents, out, frame);
      Tensor x = convIn.forward(z, cache, frame);
      shortcut.run(z, 1, 1, PatchOrder.CHANNEL_FASTEST, x);
      trace.tap("conv_in", x);
      x = middle.forward(x, cache, frame, trace);
      for (int level = 0; level < levels.size(); level++) {
        x = levels.get(level).replace(x, cache, frame, trace);
        if (level < upsamples.size()) {
          x = upsamples.get(level).forward(x, first, cache, frame, trace);
        }
      }
      head.into(x, cache, out, frame);
    }
    trace.tap("pixels", out);
  }

  /** The latents as the encoder makes them, in the dtype of the pixels. */
  private Tensor unscaled(Tensor latents, Tensor like, Workspace.Frame frame) {
    int channels = config.latentChannels();
    long pixels = latents.elements() / channels;
    Tensor z = frame.like(like, latents.shape().extents());
    affine.run(latents.reshape(pixels, channels), factors, zeros, z.reshape(pixels, channels));
    return z;
  }
}
