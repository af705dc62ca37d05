package dev.orrery.model.vae;

import dev.orrery.kernels.conv.Edge;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.Parameters;

/**
 * In what the streaming autoencoders differ where they share their parts: what a checkpoint calls
 * them, what convolutions see around a frame, how attention stores its projections.
 *
 * @param norm1 first norm of a residual block
 * @param conv1 its first convolution
 * @param norm2 its second norm
 * @param conv2 its second convolution
 * @param shortcut its convolution for changing channels
 * @param middle the narrowest stage of encoder and decoder
 * @param middleFirst its first residual block
 * @param middleAttention its attention
 * @param middleLast its last residual block
 * @param headNorm the last norm of encoder and decoder
 * @param headConv the last convolution
 * @param edge what convolutions of residual blocks and heads see around a frame; with a repeated
 *     one, a stream begins behind copies of its first frame
 * @param fusedAttention whether queries, keys and values are one layer
 */
public record VaeStyle(
    String norm1,
    String conv1,
    String norm2,
    String conv2,
    String shortcut,
    String middle,
    String middleFirst,
    String middleAttention,
    String middleLast,
    String headNorm,
    String headConv,
    Edge edge,
    boolean fusedAttention) {
  /** The names of Wan's own files. */
  public static final VaeStyle WAN =
      new VaeStyle(
          "residual.0",
          "residual.2",
          "residual.3",
          "residual.6",
          "shortcut",
          "middle",
          "0",
          "1",
          "2",
          "head.0",
          "head.2",
          Edge.ZEROS,
          true);

  /** The names of files in the layout of Diffusers. */
  public static final VaeStyle DIFFUSERS =
      new VaeStyle(
          "norm1",
          "conv1",
          "norm2",
          "conv2",
          "conv_shortcut",
          "mid_block",
          "resnets.0",
          "attentions.0",
          "resnets.1",
          "norm_out",
          "conv_out",
          Edge.ZEROS,
          true);

  /** HunyuanVideo-1.5's autoencoder. */
  public static final VaeStyle HUNYUAN =
      new VaeStyle(
          "norm1",
          "conv1.conv",
          "norm2",
          "conv2.conv",
          "nin_shortcut",
          "mid",
          "block_1",
          "attn_1",
          "block_2",
          "norm_out",
          "conv_out.conv",
          Edge.REPEATED,
          false);

  /** A convolution over 3 frames, rows and columns. */
  public CausalConv conv(Parameters p, int in, int out) {
    Tensor weight = p.convolution("weight", out, in, 3, 3, 3);
    return new CausalConv(p, weight, p.get("bias", out), edge);
  }
}
