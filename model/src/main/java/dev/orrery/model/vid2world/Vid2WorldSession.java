package dev.orrery.model.vid2world;

import dev.orrery.model.session.ChunkSession;
import dev.orrery.model.session.GeneratedChunk;
import dev.orrery.model.session.SessionResources;
import dev.orrery.model.session.StepListener;
import dev.orrery.runtime.memory.SessionState;
import dev.orrery.runtime.trace.Trace;
import java.util.List;

/** A running world, whose chunks are single frames. */
final class Vid2WorldSession extends ChunkSession<Vid2WorldAction> {
  private final FrameGenerator generator;

  private Vid2WorldSession(
      FrameGenerator generator, Vid2WorldFrameDecoder decoder, SessionResources resources) {
    super(resources, "Vid2World", Vid2WorldAction.class, decoder, generator.made());
    this.generator = generator;
  }

  /** A session at frame 0. */
  static Vid2WorldSession of(
      Vid2WorldConfig config,
      Vid2WorldNetworks networks,
      Vid2WorldStart start,
      SessionResources resources) {
    FrameGenerator generator =
        switch (config.history()) {
          case PIXELS -> new PixelGenerator(config, networks, start, resources);
          case LATENTS -> new LatentGenerator(config, networks, start, resources);
        };
    return new Vid2WorldSession(
        generator, Vid2WorldFrameDecoder.of(config, networks, resources), resources);
  }

  @Override
  protected int steps() {
    return generator.passes();
  }

  @Override
  protected int framesOfChunk(int chunk) {
    return 1;
  }

  @Override
  protected GeneratedChunk generate(
      int chunk, List<Vid2WorldAction> actions, StepListener listener, Trace trace) {
    return generator.generate(chunk, actions.getFirst(), listener, trace);
  }

  @Override
  protected void visitGenerator(SessionState.Visitor state) {
    generator.visitState(state);
  }
}
