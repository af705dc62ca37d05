package dev.orrery.model.vid2world;

import dev.orrery.kernels.attention.Attention;
import dev.orrery.kernels.elementwise.Add;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.Linear;
import dev.orrery.model.layers.Parameters;
import dev.orrery.runtime.memory.Workspace;

/**
 * Attention to the prompt and to the window's first frame, each with a softmax of its own.
 *
 * <pre>
 *                    ┌ text  ─ to_k, to_v ──────── attention ┐
 * x [F * S, C] ─ to_q┤                                       (+) ─ to_out.0 (+ residual) [F * S, C]
 *                    └ image ─ to_k_ip, to_v_ip ─ attention ─┘
 * </pre>
 *
 * <p>No frame has a context of its own but for the split of the image's tokens, so keys and values
 * are made once for all frames.
 */
final class ContextAttention {
  private final int headDim;
  private final Linear q;
  private final Linear textKeys;
  private final Linear textValues;
  private final Linear imageKeys;
  private final Linear imageValues;
  private final Linear out;
  private final Attention attention;
  private final Add add;

  ContextAttention(Parameters p, int dim, int contextDim, int headDim) {
    this.headDim = headDim;
    q = Linear.withoutBias(p.at("to_q"), dim, dim);
    textKeys = Linear.withoutBias(p.at("to_k"), contextDim, dim);
    textValues = Linear.withoutBias(p.at("to_v"), contextDim, dim);
    imageKeys = Linear.withoutBias(p.at("to_k_ip"), contextDim, dim);
    imageValues = Linear.withoutBias(p.at("to_v_ip"), contextDim, dim);
    out = Linear.of(p.at("to_out.0"), dim, dim);
    attention = p.kernel(Attention.class);
    add = p.kernel(Add.class);
  }

  /** Adds to {@code residual [F * S, C]} what tokens of {@code x [F * S, C]} see. */
  void addTo(Tensor residual, Tensor x, UnetPass pass, Workspace.Frame outer) {
    UnetContext context = pass.context();
    double scale = 1 / Math.sqrt(headDim);
    try (Workspace.Frame frame = outer.inner()) {
      Tensor queries = byHead(q.forward(x, frame));
      Tensor attended = frame.like(x);
      Tensor keys = byHead(textKeys.forward(context.text(), frame));
      Tensor values = byHead(textValues.forward(context.text(), frame));
      attention.run(queries, keys, values, scale, byHead(attended));
      Tensor seen = frame.like(x);
      keys = byHead(imageKeys.forward(context.image(), frame));
      values = byHead(imageValues.forward(context.image(), frame));
      int parts = context.imageParts(pass.frames());
      attention.run(queries, keys, values, parts, scale, byHead(seen));
      add.run(attended, seen, attended);
      out.addTo(residual, null, attended, frame);
    }
  }

  private Tensor byHead(Tensor x) {
    return x.reshape(x.size(0), x.size(1) / headDim, headDim);
  }
}
