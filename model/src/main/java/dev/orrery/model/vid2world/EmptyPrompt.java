package dev.orrery.model.vid2world;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.PlanningBackend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.clip.TextTower;
import dev.orrery.model.family.Recipe;
import dev.orrery.model.layers.Parameters;
import dev.orrery.runtime.checkpoint.PlannedTensors;
import dev.orrery.runtime.checkpoint.TensorSource;
import dev.orrery.runtime.checkpoint.Weights;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.memory.WorkspaceSize;
import dev.orrery.runtime.trace.Trace;

/** What the text tower says of the empty prompt, the only one that the models were trained with. */
final class EmptyPrompt {
  /** Its name in a checkpoint. */
  static final String TENSOR = "text_context";

  private EmptyPrompt() {}

  /**
   * Runs the tower once.
   *
   * @param tower its weights
   * @return {@code [77, C]} in fp32
   * @throws dev.orrery.runtime.checkpoint.CheckpointException if they are of another tower
   */
  static Recipe.ComputedTensor context(TensorSource tower, TextTower.Config config) {
    try (Backend backend = CpuBackend.simd(Runtime.getRuntime().availableProcessors());
        TensorArena arena = backend.newArena()) {
      Weights weights = TextTower.withoutHead(Weights.of(tower), config);
      TextTower network = new TextTower(Parameters.ofTransformer(weights, backend, arena), config);
      weights.finish();
      Tensor features = arena.empty(DType.F32, TextTower.TOKENS, config.dim());
      Workspace workspace = Workspace.of(arena, workspaceSize(config));
      network.forward(TextTower.empty(config), workspace, features, Trace.NONE);
      backend.synchronize();
      Tensor context = Tensor.of(features.toFloats(), TextTower.TOKENS, config.dim());
      return Recipe.ComputedTensor.of(TENSOR, context);
    }
  }

  private static WorkspaceSize workspaceSize(TextTower.Config config) {
    try (Backend plan = PlanningBackend.cpu();
        TensorArena arena = plan.newArena()) {
      Weights weights = Weights.of(PlannedTensors.of(DType.F32));
      TextTower network = new TextTower(Parameters.ofTransformer(weights, plan, arena), config);
      Workspace measuring = Workspace.measuring();
      Tensor features = arena.empty(DType.F32, TextTower.TOKENS, config.dim());
      network.forward(TextTower.empty(config), measuring, features, Trace.NONE);
      return measuring.highWater();
    }
  }
}
