package dev.orrery.model.matrixgame2;

import dev.orrery.model.session.ChunkSession;
import dev.orrery.model.session.GeneratedChunk;
import dev.orrery.model.session.SessionResources;
import dev.orrery.model.session.StepListener;
import dev.orrery.model.wan.WanFrameDecoder;
import dev.orrery.runtime.memory.SessionState;
import dev.orrery.runtime.trace.Trace;
import java.util.List;

/** A running world: what it was started from, what it remembers and the chunk it has come to. */
final class MatrixGame2Session extends ChunkSession<KeyboardMouse> {
  private final MatrixGame2Config config;
  private final ActionHistory actions;
  private final MatrixGame2Generator generator;

  /** A session at chunk 0. */
  MatrixGame2Session(
      MatrixGame2Config config,
      MatrixGame2Networks networks,
      MatrixGame2Condition condition,
      SessionResources resources) {
    this(
        config,
        networks,
        resources,
        new MatrixGame2Generator(config, networks.transformer(), condition, resources));
  }

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

  @Override
  protected int steps() {
    return generator.steps();
  }

  @Override
  protected int framesOfChunk(int chunk) {
    return config.framesOfChunk(chunk);
  }

  @Override
  protected GeneratedChunk generate(
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
