package dev.orrery.model.vae22;

import dev.orrery.kernels.elementwise.ChannelAffine;
import dev.orrery.kernels.layout.PatchOrder;
import dev.orrery.kernels.layout.Unpatchify;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.Linear;
import dev.orrery.model.layers.Parameters;
import dev.orrery.model.vae.CausalConv;
import dev.orrery.model.vae.Head;
import dev.orrery.model.vae.Middle;
import dev.orrery.model.vae.StreamedChunk;
import dev.orrery.model.vae.VaeStyle;
import dev.orrery.runtime.memory.FeatureCache;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;
import java.util.ArrayList;
import java.util.List;

/**
 * Streaming decoder of the Wan 2.2 VAE: latents to pixels. What it remembers between calls is a
 * {@link FeatureCache}, so decoding frame by frame gives exactly what decoding many at once would.
 *
 * <pre>
 * z [T, h, w, 48] ─ · std + mean ─ post_quant_conv 1x1x1 ─ conv_in ─ mid_block ─ 4 x DecoderStage ─ norm_out, SiLU, conv_out
 *   ─ squares of 2x2 ─ pixels [1 or 4T, 16h, 16w, 3]
 * </pre>
 *
 * <p>Source: {@code WanDecoder3d} of Diffusers' {@code autoencoder_kl_wan.py}.
 */
public final class Vae22Decoder {
  private final Vae22Config config;
  private final Tensor std;
  private final Tensor mean;
  private final ChannelAffine affine;
  private final Linear postQuantConv;
  private final CausalConv convIn;
  private final Middle middle;
  private final List<DecoderStage> stages = new ArrayList<>();
  private final Head head;
  private final Unpatchify unpatchify;

  /** A decoder from the tensors {@code post_quant_conv.*} and {@code decoder.*}. */
  public Vae22Decoder(Parameters p, Vae22Config config) {
    this.config = config;
    int z = config.latentChannels();
    std = p.constant(config.std());
    mean = p.constant(config.mean());
    affine = p.kernel(ChannelAffine.class);
    postQuantConv = Linear.pointwise(p.at("post_quant_conv"), z, z, 3);
    Parameters decoder = p.at("decoder");
    int channels = config.decoderChannels(0);
    convIn = new CausalConv(decoder.at("conv_in"), z, channels, 3, 3);
    middle = new Middle(decoder, VaeStyle.DIFFUSERS, channels);
    for (int stage = 0; stage <= config.lastStage(); stage++) {
      stages.add(new DecoderStage(decoder, config, stage));
    }
    int last = config.decoderChannels(config.lastStage());
    CausalConv convOut = PackedPixels.lastConv(decoder.at("conv_out"), last);
    head = new Head(decoder, VaeStyle.DIFFUSERS, last, convOut);
    unpatchify = p.kernel(Unpatchify.class);
  }

  /** Video frames that latent frame {@code index} of a stream becomes. */
  public static int videoFrames(long index) {
    return index == 0 ? 1 : Vae22Config.TEMPORAL_RATIO;
  }

  /**
   * Decodes the next latent frames of a stream.
   *
   * @param latents {@code [T, h, w, 48]}, fp32, normalised; T is 1 in the first call of a stream
   * @param cache what the stream remembers; empty for the first frame
   * @param out {@code [1 or 4T, 16h, 16w, 3]}, about [-1, 1], not clipped, of the dtype to compute
   *     in
   * @throws IllegalArgumentException for a shape that does not fit
   */
  public void decode(
      Tensor latents, FeatureCache cache, Workspace workspace, Tensor out, Trace trace) {
    int frames = latents.size(0);
    StreamedChunk.ofLatents(latents, cache);
    int rows = latents.size(1);
    int columns = latents.size(2);
    int z = config.latentChannels();
    long pixels = (long) frames * rows * columns;
    try (Workspace.Frame frame = workspace.frame()) {
      Tensor denormalised = frame.like(out, pixels, z);
      affine.run(latents.reshape(pixels, z), std, mean, denormalised);
      Tensor mixed = postQuantConv.forward(denormalised, frame);
      Tensor x = convIn.forward(mixed.reshape(frames, rows, columns, z), cache, frame);
      trace.tap("conv_in", x);
      x = middle.forward(x, cache, frame, trace);
      for (DecoderStage stage : stages) {
        x = stage.forward(x, cache, frame, trace);
      }
      Tensor squares = head.forward(x, cache, frame);
      long count = squares.elements() / PackedPixels.CHANNELS;
      unpatchify.run(
          squares.reshape(count, PackedPixels.CHANNELS),
          PackedPixels.SIDE,
          PatchOrder.CHANNEL_FASTEST,
          out);
    }
    trace.tap("pixels", out);
  }
}
