package dev.orrery.model.oasis;

import dev.orrery.model.session.ChunkSession;
import dev.orrery.model.session.GeneratedChunk;
import dev.orrery.model.session.SessionResources;
import dev.orrery.model.session.StepListener;
import dev.orrery.runtime.memory.SessionState;
import dev.orrery.runtime.trace.Trace;
import java.util.List;

/** A running world, whose chunks are single frames. */
final class OasisSession extends ChunkSession<OasisAction> {
  private final OasisGenerator generator;

  /** A session at frame 0. */
  OasisSession(
      OasisConfig config, OasisNetworks networks, OasisStart start, SessionResources resources) {
    this(
        config,
        networks,
        resources,
        new OasisGenerator(config, networks.transformer(), start, resources));
  }

  private OasisSession(
      OasisConfig config,
      OasisNetworks networks,
      SessionResources resources,
      OasisGenerator generator) {
    super(
        resources,
        "Oasis",
        OasisAction.class,
        new OasisFrameDecoder(config, networks.vae(), resources),
        generator.latents());
    this.generator = generator;
  }

  @Override
  protected int steps() {
    return generator.steps();
  }

  @Override
  protected int framesOfChunk(int chunk) {
    return 1;
  }

  @Override
  protected GeneratedChunk generate(
      int chunk, List<OasisAction> actions, StepListener listener, Trace trace) {
    return generator.generate(chunk, actions.getFirst(), listener, trace);
  }

  @Override
  protected void visitGenerator(SessionState.Visitor state) {
    generator.visitState(state);
  }
}
