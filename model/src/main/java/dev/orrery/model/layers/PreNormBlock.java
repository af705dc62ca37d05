package dev.orrery.model.layers;

import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;

/**
 * A block of a vision transformer: {@code x += attention(LN(x))}, {@code x += MLP(LN(x))}.
 *
 * @param norm1 before the attention
 * @param attention all tokens of an image to each other
 * @param norm2 before the MLP
 * @param mlp from a token to a token
 */
public record PreNormBlock(
    AffineLayerNorm norm1, SelfAttention attention, AffineLayerNorm norm2, FeedForward mlp) {
  /**
   * Runs the block.
   *
   * @param x tokens of an image, {@code [T, C]}, replaced
   * @param rotary table for queries and keys, or null
   */
  public void forward(Tensor x, Tensor rotary, Workspace.Frame outer, Trace trace) {
    try (Workspace.Frame frame = outer.inner()) {
      Tensor normed = norm1.forward(x, frame);
      attention.addTo(x, null, normed, 1, rotary, frame);
      trace.tap("after_attn", x);
      norm2.into(x, normed);
      mlp.addTo(x, null, normed, frame);
      trace.tap("out", x);
    }
  }
}
