package dev.orrery.model.klvae;

import dev.orrery.kernels.elementwise.Convert;
import dev.orrery.kernels.layout.NearestUpsample;
import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.sampling.LinearCombination;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.AffineGroupNorm;
import dev.orrery.model.layers.Linear;
import dev.orrery.model.layers.PaddedConv;
import dev.orrery.model.layers.Parameters;
import dev.orrery.model.layers.PictureBlock;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;
import java.util.ArrayList;
import java.util.List;

/**
 * Latents to pictures.
 *
 * <pre>
 * latents [N, y, x, 4] ─ / scale ─ post_quant_conv 1x1 ─ conv_in ─ mid ─ levels of blocks, doubled in between
 *   ─ norm_out, SiLU ─ conv_out ─ pixels [N, 8y, 8x, 3]
 * </pre>
 *
 * <p>Source: {@code Decoder} of latent diffusion's {@code modules/diffusionmodules/model.py} and
 * {@code AutoencoderKL}.
 */
public final class KlVaeDecoder {
  private final double scale;
  private final Linear postQuantConv;
  private final PaddedConv convIn;
  private final KlVaeMiddle middle;

  /** From the level of the latents to that of the pictures. */
  private final List<List<PictureBlock>> levels = new ArrayList<>();

  private final List<PaddedConv> upsamples = new ArrayList<>();
  private final AffineGroupNorm normOut;
  private final PaddedConv convOut;
  private final LinearCombination combine;
  private final Convert convert;
  private final NearestUpsample nearest;

  /** A decoder from the tensors {@code decoder.*} and {@code post_quant_conv.*}. */
  public KlVaeDecoder(Parameters p, KlVaeConfig config) {
    scale = config.scale();
    Parameters decoder = p.at("decoder");
    int latent = config.latentChannels();
    int channels = config.channels(config.lastLevel());
    postQuantConv = Linear.pointwise(p.at("post_quant_conv"), latent, latent, 2);
    convIn = PaddedConv.of(decoder.at("conv_in"), latent, channels);
    middle = new KlVaeMiddle(decoder.at("mid"), channels);
    for (int level = config.lastLevel(); level >= 0; level--) {
      Parameters up = decoder.at("up." + level);
      int out = config.channels(level);
      levels.add(PictureBlock.row(up.at("block"), config.resBlocks() + 1, channels, out, true));
      channels = out;
      if (level > 0) {
        upsamples.add(PaddedConv.of(up.at("upsample.conv"), channels, channels));
      }
    }
    normOut = PictureBlock.norm(decoder.at("norm_out"), channels, Activation.SILU);
    convOut = PaddedConv.of(decoder.at("conv_out"), channels, 3);
    combine = p.kernel(LinearCombination.class);
    convert = p.kernel(Convert.class);
    nearest = p.kernel(NearestUpsample.class);
  }

  /**
   * Decodes pictures, each by itself.
   *
   * @param latents {@code [N, y, x, C]}, fp32, scaled as networks see them
   * @param pixels {@code [N, Y, X, 3]}, nominally in [-1, 1], not clamped, of the dtype to compute
   *     in; Y and X are y and x doubled between levels
   */
  public void decode(Tensor latents, Workspace workspace, Tensor pixels, Trace trace) {
    try (Workspace.Frame frame = workspace.frame()) {
      Tensor x = convIn.forward(unscaled(latents, pixels, frame), frame);
      middle.forward(x, frame);
      trace.tap("decoder.mid", x);
      for (int i = 0; i < levels.size(); i++) {
        for (PictureBlock block : levels.get(i)) {
          x = block.forward(x, frame);
        }
        trace.tap("decoder.level" + (levels.size() - 1 - i), x);
        if (i < upsamples.size()) {
          x = doubled(upsamples.get(i), x, frame);
        }
      }
      normOut.into(x, x);
      convOut.into(x, pixels);
    }
    trace.tap("pixels", pixels);
  }

  /** Latents behind {@code post_quant_conv}, of the dtype of the pixels. */
  private Tensor unscaled(Tensor latents, Tensor pixels, Workspace.Frame frame) {
    Tensor out = frame.like(pixels, latents.shape().extents());
    long tokens = latents.elements() / latents.size(3);
    try (Workspace.Frame inner = frame.inner()) {
      Tensor fp32 = inner.like(latents);
      combine.run(1 / scale, latents, 0, latents, fp32);
      Tensor z = inner.like(out);
      convert.run(fp32, z);
      Tensor flat = out.reshape(tokens, out.size(3));
      postQuantConv.into(z.reshape(tokens, out.size(3)), flat, inner);
    }
    return out;
  }

  /** {@code x [N, Y, X, C]} to {@code [N, 2Y, 2X, C]}. */
  private Tensor doubled(PaddedConv upsample, Tensor x, Workspace.Frame frame) {
    Tensor out = frame.like(x, x.size(0), 2L * x.size(1), 2L * x.size(2), x.size(3));
    try (Workspace.Frame inner = frame.inner()) {
      Tensor large = inner.like(out);
      nearest.run(x, large);
      upsample.into(large, out);
    }
    return out;
  }
}
