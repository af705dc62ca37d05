package dev.orrery.model.matrixgame2;

import dev.orrery.kernels.backend.PlanningBackend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.session.BeforePass;
import dev.orrery.model.session.FrameDecoder;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.SessionMemory;
import dev.orrery.runtime.checkpoint.TensorSource;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;
import java.util.Collections;

/** Finds the memory that a model takes by running it on a plan. */
final class MatrixGame2Memory {
  private MatrixGame2Memory() {}

  /**
   * Plans a model.
   *
   * @param dit the transformer's tensors, which need no memory behind them; so for the others
   * @param backend a plan of the backend that the model is to run on
   */
  static SessionMemory plan(
      MatrixGame2Config config,
      TensorSource dit,
      TensorSource vae,
      TensorSource imageEncoder,
      PlanningBackend backend) {
    TensorArena weights = backend.newArena();
    Networks networks = Networks.build(config, dit, vae, imageEncoder, backend, weights);

    Loaded model = new Loaded(config, networks, backend);

    TensorArena session = backend.newArena();
    TensorArena temporary = backend.newArena();
    Workspace startWorkspace = Workspace.measuring();
    Tensor picture = temporary.empty(DType.F32, config.height(), config.width(), 3);
    StartEncoder.Condition condition =
        new StartEncoder(model).encode(picture, session, temporary, startWorkspace, Progress.NONE);

    Workspace passWorkspace = Workspace.measuring();
    Workspace decodeWorkspace = Workspace.measuring();
    MatrixGame2Generator generator =
        new MatrixGame2Generator(
            model, condition, (chunk, step, out) -> {}, session, passWorkspace);
    FrameDecoder decoder = model.newDecoder(session, decodeWorkspace);
    if (!backend.usesHostMemory()) {
      config.emptyLatents(session); // those that are being decoded
    }
    ActionHistory actions = new ActionHistory(config.dit().action(), config.framesPerChunk());
    KeyboardMouse idle = config.variant().action(Collections.emptySet());
    // The second chunk has a longer window and decodes to more frames than the first. Later ones
    // are like it; their windows may still grow, which changes no workspace.
    for (int chunk = 0; chunk < 2; chunk++) {
      actions.put(
          config.firstFrameOfChunk(chunk), Collections.nCopies(config.framesOfChunk(chunk), idle));
      decoder.decode(generator.generate(chunk, actions, BeforePass.NONE, Trace.NONE), Trace.NONE);
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
}
