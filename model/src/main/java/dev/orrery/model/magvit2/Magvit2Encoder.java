package dev.orrery.model.magvit2;

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
 * Pictures to the features whose signs are the bits of tokens, see {@link SignCode}.
 *
 * <pre>
 * pixels [N, Y, X, 3] ─ conv_in ─ levels of PictureBlocks, halved in between ─ mid_block ─ norm_out, SiLU ─ conv_out 1x1
 *   ─ features [N, Y/16, X/16, 18], fp32
 * </pre>
 *
 * <p>Source: {@code Encoder} of 1xgpt's {@code magvit2/modules/diffusionmodules/improved_model.py}.
 */
public final class Magvit2Encoder {
  private final PaddedConv convIn;
  private final List<List<PictureBlock>> levels = new ArrayList<>();
  private final List<PaddedConv> downsamples = new ArrayList<>();
  private final List<PictureBlock> middle;
  private final AffineGroupNorm normOut;
  private final Linear convOut;
  private final Convert convert;

  /** An encoder from the tensors {@code encoder.*}. */
  public Magvit2Encoder(Parameters p, Magvit2Config config) {
    Parameters encoder = p.at("encoder");
    int channels = config.baseChannels();
    convIn = PaddedConv.withoutBias(encoder.at("conv_in"), 3, channels);
    for (int level = 0; level <= config.lastLevel(); level++) {
      Parameters down = encoder.at("down." + level);
      int out = config.channels(level);
      levels.add(PictureBlock.row(down.at("block"), config.resBlocks(), channels, out, false));
      channels = out;
      if (level < config.lastLevel()) {
        downsamples.add(PaddedConv.halving(down.at("downsample"), channels, channels));
      }
    }
    middle =
        PictureBlock.row(encoder.at("mid_block"), config.resBlocks(), channels, channels, false);
    normOut = PictureBlock.norm(encoder.at("norm_out"), channels, Activation.SILU);
    convOut = Linear.pointwise(encoder.at("conv_out"), channels, config.bits(), 2);
    convert = p.kernel(Convert.class);
  }

  /**
   * Encodes pictures, each by itself.
   *
   * @param pixels {@code [N, Y, X, 3]} in [-1, 1], of the dtype to compute in
   * @param features {@code [N, y, x, bits]}, fp32; Y and X are halved and rounded up between levels
   */
  public void encode(Tensor pixels, Workspace workspace, Tensor features, Trace trace) {
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
      for (PictureBlock block : middle) {
        x = block.forward(x, frame);
      }
      trace.tap("encoder.mid", x);
      normOut.into(x, x);
      long tokens = x.elements() / x.size(3);
      Tensor out = convOut.forward(x.reshape(tokens, x.size(3)), frame);
      convert.run(out, features.reshape(tokens, features.size(3)));
    }
    trace.tap("features", features);
  }
}
