package dev.orrery.model.magvit2;

import dev.orrery.kernels.elementwise.Convert;
import dev.orrery.kernels.layout.PatchOrder;
import dev.orrery.kernels.layout.Unpatchify;
import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.AffineGroupNorm;
import dev.orrery.model.layers.PaddedConv;
import dev.orrery.model.layers.Parameters;
import dev.orrery.model.layers.PictureBlock;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;
import java.util.ArrayList;
import java.util.List;

/**
 * Bits of tokens to pictures.
 *
 * <pre>
 * code [N, h, w, 18] of -1 and 1 ─ conv_in ─ mid_block ─ levels of PictureBlocks, doubled in between ─ norm_out, SiLU ─ conv_out
 *   ─ pixels [N, 16h, 16w, 3]
 * </pre>
 *
 * <p>Between levels a convolution makes four times the channels, which become squares of four
 * pixels.
 *
 * <p>Source: {@code Decoder} of 1xgpt's {@code magvit2/modules/diffusionmodules/improved_model.py}.
 */
public final class Magvit2Decoder {
  private final PaddedConv convIn;
  private final List<PictureBlock> middle;

  /** From the level of the tokens to that of the pictures. */
  private final List<List<PictureBlock>> levels = new ArrayList<>();

  private final List<PaddedConv> upsamples = new ArrayList<>();
  private final AffineGroupNorm normOut;
  private final PaddedConv convOut;
  private final Convert convert;
  private final Unpatchify unpatchify;

  /** A decoder from the tensors {@code decoder.*}. */
  public Magvit2Decoder(Parameters p, Magvit2Config config) {
    Parameters decoder = p.at("decoder");
    int channels = config.channels(config.lastLevel());
    convIn = PaddedConv.of(decoder.at("conv_in"), config.bits(), channels);
    middle =
        PictureBlock.row(decoder.at("mid_block"), config.resBlocks(), channels, channels, false);
    for (int level = config.lastLevel(); level >= 0; level--) {
      Parameters up = decoder.at("up." + level);
      int out = config.channels(level);
      levels.add(PictureBlock.row(up.at("block"), config.resBlocks(), channels, out, false));
      channels = out;
      if (level > 0) {
        upsamples.add(PaddedConv.of(up.at("upsample.conv1"), channels, 4 * channels));
      }
    }
    normOut = PictureBlock.norm(decoder.at("norm_out"), channels, Activation.SILU);
    convOut = PaddedConv.of(decoder.at("conv_out"), channels, 3);
    convert = p.kernel(Convert.class);
    unpatchify = p.kernel(Unpatchify.class);
  }

  /**
   * Decodes pictures, each by itself.
   *
   * @param code {@code [N, h, w, bits]}, fp32, see {@link SignCode#code}
   * @param pixels {@code [N, Y, X, 3]}, about [-1, 1], not clipped, of the dtype to compute in; Y
   *     and X are h and w doubled between levels
   */
  public void decode(Tensor code, Workspace workspace, Tensor pixels, Trace trace) {
    try (Workspace.Frame frame = workspace.frame()) {
      Tensor z = frame.like(pixels, code.shape().extents());
      convert.run(code, z);
      Tensor x = convIn.forward(z, frame);
      for (PictureBlock block : middle) {
        x = block.forward(x, frame);
      }
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

  /** {@code x [N, Y, X, C]} to {@code [N, 2Y, 2X, C]}. */
  private Tensor doubled(PaddedConv upsample, Tensor x, Workspace.Frame frame) {
    Tensor out = frame.like(x, x.size(0), 2L * x.size(1), 2L * x.size(2), x.size(3));
    try (Workspace.Frame inner = frame.inner()) {
      Tensor squares = upsample.forward(x, inner);
      Tensor rows = squares.reshape(squares.elements() / squares.size(3), squares.size(3));
      unpatchify.run(rows, 2, PatchOrder.CHANNEL_FASTEST, out);
    }
    return out;
  }
}
