package dev.orrery.model.session;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.runtime.memory.Workspace;

/**
 * What a start is encoded with, and what is given back when that is done. There is no noise and no
 * seed: what is encoded serves the worlds of all seeds.
 *
 * @param backend where it is encoded
 * @param arena owner of tensors that are needed meanwhile
 * @param workspace for activations
 */
public record StartResources(Backend backend, TensorArena arena, Workspace workspace)
    implements AutoCloseable {
  @Override
  public void close() {
    arena.close();
  }
}
