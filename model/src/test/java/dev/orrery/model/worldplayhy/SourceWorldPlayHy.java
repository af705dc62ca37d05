package dev.orrery.model.worldplayhy;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.PlanningBackend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.model.family.NetworkBuilder;
import dev.orrery.model.family.NetworkWeights;
import dev.orrery.model.session.SessionPlan;
import dev.orrery.runtime.checkpoint.TensorSource;
import java.nio.file.Path;
import java.util.Map;

/** A model whose tensors are not in a folder. */
record SourceWorldPlayHy(
    WorldPlayHyConfig config, TensorSource dit, TensorSource vae, TensorSource vision) {
  private WorldPlayHy model() {
    return new WorldPlayHy(Path.of("nowhere"), config);
  }

  private Map<NetworkWeights<?>, TensorSource> sources(WorldPlayHy model) {
    return Map.of(
        model.networks().get(0),
        dit,
        model.networks().get(1),
        vae,
        model.networks().get(2),
        vision);
  }

  WorldPlayHyNetworks build(Backend backend, TensorArena arena) {
    WorldPlayHy model = model();
    return model.build(new NetworkBuilder(sources(model), backend, arena));
  }

  SessionPlan plan(PlanningBackend backend) {
    WorldPlayHy model = model();
    return model.planSession(sources(model), backend);
  }
}
