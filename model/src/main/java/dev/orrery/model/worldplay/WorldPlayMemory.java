package dev.orrery.model.worldplay;

import dev.orrery.kernels.backend.PlanningBackend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.camera.CameraMove;
import dev.orrery.model.camera.CameraPath;
import dev.orrery.model.session.BeforePass;
import dev.orrery.model.session.FrameDecoder;
import dev.orrery.model.session.SessionMemory;
import dev.orrery.model.umt5.EncodedPrompt;
import dev.orrery.runtime.checkpoint.TensorSource;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;
import java.lang.foreign.MemorySegment;
import java.util.Collections;
import java.util.Optional;

/** Finds the memory that a model takes by running it on a plan. */
final class WorldPlayMemory {
  /** The fifth chunk is the first one with the longest window; all later ones are like it. */
  private static final int CHUNKS = 5;

  private WorldPlayMemory() {}

  /**
   * Plans a model.
   *
   * @param dit the transformer's tensors, which need no memory behind them; so for the VAE's
   * @param backend a plan of the backend that the model is to run on
   */
  static SessionMemory plan(
      WorldPlayConfig config, TensorSource dit, TensorSource vae, PlanningBackend backend) {
    TensorArena weights = backend.newArena();
    Loaded model = new Loaded(config, Networks.build(config, dit, vae, backend, weights), backend);
    TensorArena session = backend.newArena();
    TensorArena temporary = backend.newArena();
    Workspace startWorkspace = Workspace.measuring();
    Workspace passWorkspace = Workspace.measuring();
    Workspace decodeWorkspace = Workspace.measuring();
    StartEncoder encoder = new StartEncoder(model);
    Tensor picture = temporary.empty(DType.F32, config.height(), config.width(), 3);
    float[] noise =
        new float[config.latentHeight() * config.latentWidth() * config.dit().channels()];
    float[] latent = encoder.latent(picture, noise, temporary, startWorkspace);
    Tensor context = encoder.textContext(shortPrompt(config), temporary, passWorkspace);
    ChunkGenerator generator =
        model.newGenerator(
            context, latent, ViewOverlap.seeded(0), (chunk, out) -> {}, session, passWorkspace);
    FrameDecoder decoder = model.newDecoder(session, decodeWorkspace);
    if (!backend.usesHostMemory()) {
      config.emptyLatents(session); // those that are being decoded
    }
    int frames = CHUNKS * ChunkGenerator.FRAMES;
    CameraPath path = CameraMotion.path(Collections.nCopies(frames - 1, CameraMove.FORWARD));
    for (int chunk = 0; chunk < CHUNKS; chunk++) {
      decoder.decode(
          generator.generate(path, ActionLabels.of(path), BeforePass.NONE, Trace.NONE), Trace.NONE);
    }
    return new SessionMemory(
        weights.byteSize(),
        temporary.byteSize(),
        startWorkspace.highWater(),
        session.byteSize(),
        passWorkspace.highWater(),
        decodeWorkspace.highWater(),
        !backend.usesHostMemory());
  }

  /** A prompt of one token; prompts of any length take the same memory. */
  private static EncodedPrompt shortPrompt(WorldPlayConfig config) {
    float[] features = new float[config.dit().textDim()];
    Tensor host =
        Tensor.host(DType.F32, Shape.of(1, features.length), MemorySegment.ofArray(features));
    return new EncodedPrompt("", "", Optional.empty(), host);
  }
}
