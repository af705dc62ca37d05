package dev.orrery.model.matrixgame2;

import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.session.ChunkSession;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.SessionResources;
import dev.orrery.model.session.StepListener;
import dev.orrery.model.wan.WanFrameDecoder;
import dev.orrery.runtime.media.RgbImage;
import dev.orrery.runtime.memory.SessionState;
import dev.orrery.runtime.trace.Trace;
import java.util.List;

/** A running world: what it was started from, what it remembers and the chunk it has come to. */
final class MatrixGame2Session extends ChunkSession<KeyboardMouse> {
  private final MatrixGame2Config config;
  private final ActionHistory actions;
  private final MatrixGame2Generator generator;

  private MatrixGame2Session(
      MatrixGame2Config config,
      MatrixGame2Networks networks,
      SessionResources resources,
      MatrixGame2Generator generator) {
    super(
        resources,
        "Matrix-Game 2.0",
        KeyboardMouse.class,
        new WanFrameDecoder(networks.frames(), resources, config.height(), config.width()),
        generator.latents());
    this.config = config;
    this.generator = generator;
    this.actions = new ActionHistory(config.dit().action(), config.framesPerChunk());
  }

  /** Encodes the start image and makes the caches. */
  static MatrixGame2Session start(
      MatrixGame2Config config,
      MatrixGame2Networks networks,
      RgbImage image,
      SessionResources resources,
      Progress progress) {
    MatrixGame2Condition condition;
    try (SessionResources.Temporary temporary = resources.temporary()) {
      condition =
          new MatrixGame2StartEncoder(config, networks, resources.backend())
              .encode(image, resources.arena(), temporary, progress);
    }
    return new MatrixGame2Session(
        config,
        networks,
        resources,
        new MatrixGame2Generator(config, networks.transformer(), condition, resources));
  }

  @Override
  protected int steps() {
    return generator.steps();
  }

  @Override
  protected int framesOfChunk(int chunk) {
    return config.framesOfChunk(chunk);
  }

  @Override
  protected Tensor generate(
      int chunk, List<KeyboardMouse> frameActions, StepListener listener, Trace trace) {
    actions.put(config.firstFrameOfChunk(chunk), frameActions);
    return generator.generate(chunk, actions, listener, trace);
  }

  @Override
  protected void visitGenerator(SessionState.Visitor state) {
    state.part("actions", actions);
    generator.visitState(state);
  }
}
