package dev.orrery.model.session;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.model.sampling.NoiseSource;
import dev.orrery.runtime.memory.Workspace;

/**
 * What a start is encoded with, and what is given back when that is done.
 *
 * @param backend where it is encoded
 * @param noise what the session's noise is drawn from
 * @param arena owner of tensors that are needed meanwhile
 * @param workspace for activations
 */
public record StartResources(
    Backend backend, NoiseSource noise, TensorArena arena, Workspace workspace)
    implements AutoCloseable {
  @Override
  public void close() {
    arena.close();
  }
}
