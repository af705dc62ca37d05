package dev.orrery.model.klvae;

import dev.orrery.kernels.attention.Attention;
import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.AffineGroupNorm;
import dev.orrery.model.layers.Linear;
import dev.orrery.model.layers.LinearInput;
import dev.orrery.model.layers.Parameters;
import dev.orrery.model.layers.PictureBlock;
import dev.orrery.runtime.memory.Workspace;

/**
 * The level of the latents: a residual block, attention of one head among the pixels of a picture,
 * and another block.
 *
 * <pre>
 * x ─ block_1 ─┬─ GN ─ q, k, v ─ attention ─ proj_out ─ (+) ─ block_2
 *              └────────────────────────────────────────┘
 * </pre>
 */
final class KlVaeMiddle {
  private final PictureBlock first;
  private final AffineGroupNorm norm;
  private final Linear q;
  private final Linear k;
  private final Linear v;
  private final Linear out;
  private final PictureBlock last;
  private final Attention attention;

  KlVaeMiddle(Parameters p, int channels) {
    first = new PictureBlock(p.at("block_1"), channels, channels, true);
    Parameters attn = p.at("attn_1");
    norm = PictureBlock.norm(attn.at("norm"), channels, Activation.NONE);
    q = Linear.pointwise(attn.at("q"), channels, channels, 2);
    k = Linear.pointwise(attn.at("k"), channels, channels, 2);
    v = Linear.pointwise(attn.at("v"), channels, channels, 2);
    out = Linear.pointwise(attn.at("proj_out"), channels, channels, 2);
    last = new PictureBlock(p.at("block_2"), channels, channels, true);
    attention = p.kernel(Attention.class);
  }

  /** {@code x [N, Y, X, C]}, replaced. */
  void forward(Tensor x, Workspace.Frame outer) {
    first.forward(x, outer);
    int channels = x.size(3);
    Tensor pixels = x.reshape(x.elements() / channels, channels);
    try (Workspace.Frame frame = outer.inner()) {
      LinearInput input =
          LinearInput.of(norm.forward(x, frame).reshape(pixels.size(0), channels), frame);
      Tensor queries = oneHead(q.forward(input));
      Tensor keys = oneHead(k.forward(input));
      Tensor values = oneHead(v.forward(input));
      Tensor attended = frame.like(pixels);
      double scale = 1 / Math.sqrt(channels);
      attention.run(queries, keys, values, x.size(0), scale, oneHead(attended));
      out.addTo(pixels, null, attended, frame);
    }
    last.forward(x, outer);
  }

  private static Tensor oneHead(Tensor x) {
    return x.reshape(x.size(0), 1, x.size(1));
  }
}
