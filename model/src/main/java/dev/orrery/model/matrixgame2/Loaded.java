package dev.orrery.model.matrixgame2;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.model.session.FrameDecoder;
import dev.orrery.runtime.memory.Workspace;

/**
 * A model that is ready to run.
 *
 * @param config all its settings
 * @param networks its networks, on the backend
 * @param backend where it runs
 */
record Loaded(MatrixGame2Config config, Networks networks, Backend backend) {
  /**
   * A decoder at the start of a video.
   *
   * @param arena owner of the feature cache
   * @param workspace memory for one latent frame
   */
  FrameDecoder newDecoder(TensorArena arena, Workspace workspace) {
    return new FrameDecoder(
        networks.vaeDecoder()::decode, backend, config.height(), config.width(), arena, workspace);
  }
}
