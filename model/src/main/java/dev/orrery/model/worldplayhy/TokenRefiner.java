package dev.orrery.model.worldplayhy;

import dev.orrery.kernels.elementwise.Add;
import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.AffineLayerNorm;
import dev.orrery.model.layers.FeedForward;
import dev.orrery.model.layers.Linear;
import dev.orrery.model.layers.ModulationProjection;
import dev.orrery.model.layers.Parameters;
import dev.orrery.model.layers.SelfAttention;
import dev.orrery.model.layers.TimestepMlp;
import dev.orrery.runtime.memory.Workspace;
import java.util.ArrayList;
import java.util.List;

/**
 * Text states to tokens of the transformer: a linear layer and two blocks whose gates come from the
 * mean of the states and from timestep 0.
 *
 * <pre>
 * mean of the states ─ MLP ─ (+) ─ SiLU, Linear ─ two gates for each block
 * timestep 0 ──────── MLP ──┘
 * states [n, 3584] ─ Linear ─ x ─ LN ─ attention ─ (· gate + x) ─ LN ─ MLP, SiLU ─ (· gate + x)
 * </pre>
 */
final class TokenRefiner {
  /** Hidden channels of an MLP for each channel of a token, whatever the ratio of the blocks is. */
  private static final int HIDDEN_RATIO = 4;

  private final Linear input;
  private final TimestepMlp time;
  private final FeedForward mean;
  private final Add add;
  private final List<Block> blocks = new ArrayList<>();

  private record Block(
      AffineLayerNorm norm1,
      SelfAttention attention,
      AffineLayerNorm norm2,
      FeedForward mlp,
      ModulationProjection gates) {}

  TokenRefiner(Parameters p, WorldPlayHyTransformerConfig config) {
    int dim = config.dim();
    int states = config.states().text();
    Parameters conditioning = p.beside(DType.F32);
    input = Linear.of(p.at("input_embedder"), states, dim);
    time =
        new TimestepMlp(
            conditioning.at("t_embedder"),
            "mlp.0",
            "mlp.2",
            WorldPlayHyTransformerConfig.FREQ_DIM,
            dim);
    Parameters means = conditioning.at("c_embedder");
    mean =
        FeedForward.of(
            means.at("linear_1"), means.at("linear_2"), Activation.SILU, states, dim, dim);
    add = p.kernel(Add.class);
    for (int i = 0; i < WorldPlayHyTransformerConfig.REFINER_BLOCKS; i++) {
      blocks.add(block(p.at("individual_token_refiner.blocks." + i), config));
    }
  }

  private static Block block(Parameters p, WorldPlayHyTransformerConfig config) {
    int dim = config.dim();
    double eps = WorldPlayHyTransformerConfig.EPS;
    return new Block(
        new AffineLayerNorm(p.at("norm1"), dim, eps),
        new SelfAttention(
            p,
            Linear.of(p.at("self_attn_qkv"), dim, 3 * dim),
            Linear.of(p.at("self_attn_proj"), dim, dim),
            config.heads()),
        new AffineLayerNorm(p.at("norm2"), dim, eps),
        FeedForward.of(
            p.at("mlp.fc1"), p.at("mlp.fc2"), Activation.SILU, dim, HIDDEN_RATIO * dim, dim),
        new ModulationProjection(p.beside(DType.F32).at("adaLN_modulation.1"), 2, dim));
  }

  /**
   * Refines the states of a prompt.
   *
   * @param text {@code [n, states]}, n positive: no padding
   * @param textMean their mean, {@code [1, states]}, fp32
   * @param timestep 0, {@code [1]}, fp32
   * @param out {@code [n, C]}
   */
  void into(Tensor text, Tensor textMean, Tensor timestep, Tensor out, Workspace workspace) {
    try (Workspace.Frame frame = workspace.frame()) {
      Tensor condition = time.forward(timestep, frame);
      add.run(condition, mean.forward(textMean, frame), condition);
      input.into(text, out, frame);
      for (Block block : blocks) {
        forward(block, out, condition, frame);
      }
    }
  }

  private static void forward(Block block, Tensor x, Tensor condition, Workspace.Frame outer) {
    try (Workspace.Frame frame = outer.inner()) {
      Tensor gates = block.gates.forward(condition, frame);
      Tensor u = block.norm1.forward(x, frame);
      block.attention.addTo(x, gates.row(0), u, 1, null, frame);
      block.norm2.into(x, u);
      block.mlp.addTo(x, gates.row(1), u, frame);
    }
  }
}
