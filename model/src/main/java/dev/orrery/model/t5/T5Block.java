package dev.orrery.model.t5;

import dev.orrery.kernels.attention.BiasedAttention;
import dev.orrery.kernels.elementwise.Multiply;
import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.linear.Matmul;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.Linear;
import dev.orrery.model.layers.LinearInput;
import dev.orrery.model.layers.Parameters;
import dev.orrery.model.layers.WeightedRmsNorm;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;

/**
 * A block of the encoder. No layer has a bias, and scores of the attention are not scaled.
 *
 * <pre>
 * x ─ RMS ─┬─ q ─┐
 *          ├─ k ─┼─ attention ─ o ─ + x ─ RMS ─┬─ gelu(wi_0) ─ * ─ wo ─ + x
 *          └─ v ─┘  + bias of the distance     └─ wi_1 ───────┘
 * </pre>
 */
final class T5Block {
  private final T5Config config;
  private final WeightedRmsNorm norm0;
  private final Linear q;
  private final Linear k;
  private final Linear v;
  private final Linear o;
  private final Tensor biasTable;
  private final WeightedRmsNorm norm1;
  private final Linear wi0;
  private final Linear wi1;
  private final Linear wo;
  private final Matmul matmul;
  private final BiasedAttention attention;
  private final Multiply multiply;

  /**
   * Reads the weights.
   *
   * @param biasTable of {@link #biasTable}, perhaps that of another block
   */
  T5Block(Parameters p, T5Config config, Tensor biasTable) {
    this.config = config;
    this.biasTable = biasTable;
    int dim = config.dim();
    int inner = config.heads() * config.headDim();
    Parameters self = p.at("layer.0.SelfAttention");
    Parameters dense = p.at("layer.1.DenseReluDense");
    norm0 = new WeightedRmsNorm(p.at("layer.0.layer_norm"), dim, config.eps());
    q = Linear.withoutBias(self.at("q"), dim, inner);
    k = Linear.withoutBias(self.at("k"), dim, inner);
    v = Linear.withoutBias(self.at("v"), dim, inner);
    o = Linear.withoutBias(self.at("o"), inner, dim);
    norm1 = new WeightedRmsNorm(p.at("layer.1.layer_norm"), dim, config.eps());
    wi0 = Linear.withoutBias(dense.at("wi_0"), dim, config.hidden());
    wi1 = Linear.withoutBias(dense.at("wi_1"), dim, config.hidden());
    wo = Linear.withoutBias(dense.at("wo"), config.hidden(), dim);
    matmul = p.kernel(Matmul.class);
    attention = p.kernel(BiasedAttention.class);
    multiply = p.kernel(Multiply.class);
  }

  /** The biases that a block's checkpoint holds, {@code [heads, buckets]}. */
  static Tensor biasTable(Parameters p, T5Config config) {
    // In fp32, because biases are added to fp32 scores.
    return p.at("layer.0.SelfAttention")
        .beside(DType.F32)
        .transposed("relative_attention_bias.weight", config.buckets(), config.heads());
  }

  /**
   * @param x {@code [L, dim]}, replaced
   * @param oneHot {@link RelativeBuckets#oneHot}, on the backend
   */
  void forward(Tensor x, Tensor oneHot, Workspace.Frame frame, Trace trace) {
    attend(x, oneHot, frame);
    trace.tap("after_attn", x);
    feedForward(x, frame);
    trace.tap("out", x);
  }

  private void attend(Tensor x, Tensor oneHot, Workspace.Frame outer) {
    try (Workspace.Frame frame = outer.inner()) {
      LinearInput normed = LinearInput.of(norm0.forward(x, frame), frame);
      Tensor queries = q.forward(normed);
      Tensor keys = k.forward(normed);
      Tensor values = v.forward(normed);
      Tensor bias = frame.empty(DType.F32, config.heads(), oneHot.size(0));
      matmul.run(biasTable, oneHot, null, Activation.NONE, bias);
      Tensor attended = frame.like(queries);
      attention.run(byHead(queries), byHead(keys), byHead(values), bias, 1, byHead(attended));
      o.addTo(x, null, attended, frame);
    }
  }

  private void feedForward(Tensor x, Workspace.Frame outer) {
    try (Workspace.Frame frame = outer.inner()) {
      LinearInput normed = LinearInput.of(norm1.forward(x, frame), frame);
      Tensor gate = wi0.forward(normed, Activation.GELU_TANH);
      Tensor hidden = wi1.forward(normed);
      multiply.run(gate, hidden, hidden);
      wo.addTo(x, null, hidden, frame);
    }
  }

  private Tensor byHead(Tensor x) {
    return x.reshape(x.size(0), config.heads(), config.headDim());
  }
}
