package dev.orrery.model.worldplayhy;

import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.AdaptiveLayerNorm;
import dev.orrery.model.layers.AdaptiveLayerNorm.ShiftScaleGate;
import dev.orrery.model.layers.FeedForward;
import dev.orrery.model.layers.LinearInput;
import dev.orrery.model.layers.ModulationProjection;
import dev.orrery.model.layers.Parameters;
import dev.orrery.runtime.memory.Workspace;
import java.util.ArrayList;
import java.util.List;

/** The layers that a block has for each of its two streams, video and text. */
final class StreamLayers {
  /** Shift, scale and gate of the attention, then of the MLP. */
  private static final int MODULATION_VECTORS = 6;

  private final int dim;
  private final ModulationProjection modulation;
  private final AdaptiveLayerNorm norm;
  private final HeadProjections projections;
  private final FeedForward mlp;

  /**
   * @param p parameters of a block
   * @param stream {@code img} or {@code txt}, with which the names of its layers start
   */
  StreamLayers(Parameters p, String stream, WorldPlayHyTransformerConfig config) {
    dim = config.dim();
    modulation =
        new ModulationProjection(
            p.beside(DType.F32).at(stream + "_mod.linear"), MODULATION_VECTORS, dim);
    norm = new AdaptiveLayerNorm(p, WorldPlayHyTransformerConfig.EPS);
    projections = new HeadProjections(p, stream, config);
    Parameters layers = p.at(stream + "_mlp");
    mlp =
        FeedForward.of(
            layers.at("fc1"), layers.at("fc2"), Activation.GELU_TANH, dim, config.hidden(), dim);
  }

  /**
   * Shift, scale and gate of the attention and of the MLP.
   *
   * @param activated SiLU of what timesteps and actions say, {@code [F, C]}, fp32
   * @param frame the innermost one, owner of the result
   */
  List<ShiftScaleGate> modulate(Tensor activated, Workspace.Frame frame) {
    Tensor out = frame.empty(DType.F32, MODULATION_VECTORS, activated.size(0), dim);
    List<Tensor> vectors = new ArrayList<>();
    for (int i = 0; i < MODULATION_VECTORS; i++) {
      vectors.add(out.row(i));
    }
    modulation.into(LinearInput.of(activated, frame), vectors);
    return List.of(
        new ShiftScaleGate(vectors.get(0), vectors.get(1), vectors.get(2)),
        new ShiftScaleGate(vectors.get(3), vectors.get(4), vectors.get(5)));
  }

  /** Before the attention, and before the MLP. */
  AdaptiveLayerNorm norm() {
    return norm;
  }

  HeadProjections projections() {
    return projections;
  }

  FeedForward mlp() {
    return mlp;
  }
}
