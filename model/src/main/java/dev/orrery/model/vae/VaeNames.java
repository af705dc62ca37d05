package dev.orrery.model.vae;

/**
 * What a checkpoint calls the parts that the VAEs of Wan have in common.
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
 */
public record VaeNames(
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
    String headConv) {
  /** The names of Wan's own files. */
  public static final VaeNames WAN =
      new VaeNames(
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
          "head.2");

  /** The names of files in the layout of Diffusers. */
  public static final VaeNames DIFFUSERS =
      new VaeNames(
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
          "conv_out");
}
