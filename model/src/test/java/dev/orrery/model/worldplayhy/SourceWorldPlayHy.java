package dev.orrery.model.worldplayhy;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.PlanningBackend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.model.family.NetworkBuilder;
import dev.orrery.model.family.NetworkWeights;
import dev.orrery.model.session.EncodedStart;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.SessionPlan;
import dev.orrery.model.session.StartMemory;
import dev.orrery.model.session.WorldSession;
import dev.orrery.runtime.checkpoint.TensorSource;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;

/** A model whose tensors are not in a folder. */
record SourceWorldPlayHy(
    WorldPlayHyConfig config, TensorSource dit, TensorSource vae, TensorSource vision) {
  private WorldPlayHy model() {
    return new WorldPlayHy(Path.of("nowhere"), config);
  }

  private Map<NetworkWeights<?>, TensorSource> sources(WorldPlayHy model) {
    List<NetworkWeights<?>> networks = model.sessionNetworks();
    return Map.of(networks.get(0), dit, networks.get(1), vae, networks.get(2), vision);
  }

  WorldPlayHyNetworks build(Backend backend, TensorArena arena) {
    WorldPlayHy model = model();
    return model.build(new NetworkBuilder(sources(model), backend, arena));
  }

  /** Floating-point operations of each of the first chunks, the decoder's included. */
  double[] operations(int chunks) {
    WorldPlayHy model = model();
    double[] operations = new double[chunks];
    try (PlanningBackend backend = PlanningBackend.cpu();
        TensorArena arena = backend.newArena()) {
      WorldPlayHyNetworks networks =
          model.build(new NetworkBuilder(sources(model), backend, arena));
      StartMemory measuring = StartMemory.measuring(backend);
      try (EncodedStart encoded =
              model.encode(networks, model.plannedStart(), measuring, Progress.NONE);
          WorldSession session = encoded.start(0)) {
        for (int chunk = 0; chunk < chunks; chunk++) {
          double before = backend.operations();
          session.step(model.actionSpace().action(model.actionSpace().rest()));
          operations[chunk] = backend.operations() - before;
        }
      }
    }
    return operations;
  }

  SessionPlan plan(PlanningBackend backend) {
    WorldPlayHy model = model();
    return model.planSession(sources(model), backend);
  }
}
