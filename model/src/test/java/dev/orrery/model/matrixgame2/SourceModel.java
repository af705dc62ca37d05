package dev.orrery.model.matrixgame2;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.PlanningBackend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.model.family.NetworkBuilder;
import dev.orrery.model.family.NetworkWeights;
import dev.orrery.model.session.SessionPlan;
import dev.orrery.runtime.checkpoint.TensorSource;
import java.nio.file.Path;
import java.util.Map;

/** A model whose tensors are not in a folder: fixtures, plans, quantised copies. */
record SourceModel(
    MatrixGame2Config config, TensorSource dit, TensorSource vae, TensorSource imageEncoder) {
  MatrixGame2 model() {
    return new MatrixGame2(Path.of("."), config);
  }

  private Map<NetworkWeights<?>, TensorSource> sources(MatrixGame2 model) {
    return Map.of(
        model.networks().get(0), dit,
        model.networks().get(1), vae,
        model.networks().get(2), imageEncoder);
  }

  MatrixGame2Networks build(Backend backend, TensorArena arena) {
    MatrixGame2 model = model();
    return model.build(new NetworkBuilder(sources(model), backend, arena));
  }

  SessionPlan plan(PlanningBackend backend) {
    MatrixGame2 model = model();
    return model.planSession(sources(model), backend);
  }
}
