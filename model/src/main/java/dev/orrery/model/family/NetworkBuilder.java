package dev.orrery.model.family;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.runtime.checkpoint.TensorSource;
import java.util.Map;

/** Builds the networks of a model on one backend. */
public final class NetworkBuilder {
  private final Map<NetworkWeights<?>, TensorSource> sources;
  private final Backend backend;
  private final TensorArena arena;

  /**
   * @param sources the tensors of each network
   * @param arena owner of copied weights
   */
  public NetworkBuilder(
      Map<NetworkWeights<?>, TensorSource> sources, Backend backend, TensorArena arena) {
    this.sources = sources;
    this.backend = backend;
    this.arena = arena;
  }

  /** Where the networks will run. */
  public Backend backend() {
    return backend;
  }

  /** Builds a network, see {@link NetworkWeights#build}. */
  public <T> T build(NetworkWeights<T> network) {
    return network.build(sources.get(network), backend, arena);
  }
}
