package dev.orrery.model.worldplay;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.session.FrameDecoder;
import dev.orrery.runtime.memory.Workspace;

/**
 * A model that is ready to run.
 *
 * @param config all its settings
 * @param networks its networks, on the backend
 * @param backend where it runs
 */
record Loaded(WorldPlayConfig config, Networks networks, Backend backend) {
  /**
   * A loop at chunk 0.
   *
   * @param textContext see {@link WorldPlayTransformer#textContext}; not needed any more on return
   * @param picture the latent of frame 0, or null to make it up
   */
  ChunkGenerator newGenerator(
      Tensor textContext,
      float[] picture,
      ViewOverlap overlap,
      ChunkGenerator.NoiseSource noise,
      TensorArena arena,
      Workspace workspace) {
    return new ChunkGenerator(
        networks.dit(),
        config.dit(),
        backend,
        config.latentHeight(),
        config.latentWidth(),
        textContext,
        picture,
        new ContextSelection(overlap),
        noise,
        arena,
        workspace);
  }

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
