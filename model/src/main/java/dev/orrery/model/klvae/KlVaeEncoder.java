package dev.orrery.model.klvae;

import dev.orrery.kernels.elementwise.Convert;
import dev.orrery.kernels.linear.Activation;
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
 * Pictures to the moments of their latents.
 *
 * <pre>
 * pixels [N, Y, X, 3] ─ conv_in ─ levels of blocks, halved in between ─ mid ─ norm_out, SiLU ─ conv_out ─ quant_conv 1x1
 *   ─ moments [N, Y/8, X/8, 2 * 4], fp32
 * </pre>
 *
 * <p>Source: {@code Encoder} of latent diffusion's {@code modules/diffusionmodules/model.py} and
 * {@code AutoencoderKL}.
 */
public final class KlVaeEncoder {
  private final PaddedConv convIn;
  private final List<List<PictureBlock>> levels = new ArrayList<>();
  private final List<PaddedConv> downsamples = new ArrayList<>();
  private final KlVaeMiddle middle;
  private final AffineGroupNorm normOut;
  private final PaddedConv convOut;
  private final Linear quantConv;
  private final Convert convert;

  /** An encoder from the tensors {@code encoder.*} and {@code quant_conv.*}. */
  public KlVaeEncoder(Parameters p, KlVaeConfig config) {
    Parameters encoder = p.at("encoder");
    int channels = config.baseChannels();
    convIn = PaddedConv.of(encoder.at("conv_in"), 3, channels);
    for (int level = 0; level <= config.lastLevel(); level++) {
      Parameters down = encoder.at("down." + level);
      int out = config.channels(level);
      levels.add(PictureBlock.row(down.at("block"), config.resBlocks(), channels, out, true));
      channels = out;
      if (level < config.lastLevel()) {
        downsamples.add(
            PaddedConv.halvingFromSecond(down.at("downsample.conv"), channels, channels));
      }
    }
    middle = new KlVaeMiddle(encoder.at("mid"), channels);
    normOut = PictureBlock.norm(encoder.at("norm_out"), channels, Activation.SILU);
    int moments = 2 * config.latentChannels();
    convOut = PaddedConv.of(encoder.at("conv_out"), channels, moments);
    quantConv = Linear.pointwise(p.at("quant_conv"), moments, moments, 2);
    convert = p.kernel(Convert.class);
  }

  /**
   * Encodes pictures, each by itself.
   *
   * @param pixels {@code [N, Y, X, 3]}, nominally in [-1, 1], of the dtype to compute in; Y and X
   *     multiples of {@link KlVaeConfig#ratio}
   * @param moments {@code [N, Y/8, X/8, 2C]}, fp32: of each latent pixel the means, then the
   *     logarithms of the variances, not yet clamped; see {@code NormalPosterior}
   */
  public void encode(Tensor pixels, Workspace workspace, Tensor moments, Trace trace) {
    try (Workspace.Frame frame = workspace.frame()) {
      Tensor x = convIn.forward(pixels, frame);
      for (int level = 0; level < levels.size(); level++) {
        for (PictureBlock block : levels.get(level)) {
          x = block.forward(x, frame);
        }
        trace.tap("encoder.level" + level, x);
        if (level < downsamples.size()) {
          x = downsamples.get(level).forward(x, frame);
        }
      }
      middle.forward(x, frame);
      trace.tap("encoder.mid", x);
      normOut.into(x, x);
      Tensor features = convOut.forward(x, frame);
      long tokens = features.elements() / features.size(3);
      Tensor out = quantConv.forward(features.reshape(tokens, features.size(3)), frame);
      convert.run(out, moments.reshape(tokens, moments.size(3)));
    }
    trace.tap("moments", moments);
  }
}
