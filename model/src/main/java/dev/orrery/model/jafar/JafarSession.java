package dev.orrery.model.jafar;

import dev.orrery.model.sampling.Confidence;
import dev.orrery.model.sampling.MaskedSampler;
import dev.orrery.model.sampling.RampedCosineSchedule;
import dev.orrery.model.sampling.TokenDraws;
import dev.orrery.model.session.ChunkSession;
import dev.orrery.model.session.GeneratedChunk;
import dev.orrery.model.session.SessionResources;
import dev.orrery.model.session.StepListener;
import dev.orrery.runtime.memory.SessionState;
import dev.orrery.runtime.trace.Trace;
import java.util.List;

/** A running world, whose chunks are single frames. */
final class JafarSession extends ChunkSession<JafarActionSpace.LatentAction> {
  private final JafarStart start;
  private final JafarGenerator generator;

  /** A session at frame 0. */
  JafarSession(
      JafarConfig config, JafarNetworks networks, JafarStart start, SessionResources resources) {
    this(
        config,
        networks,
        start,
        resources,
        new JafarGenerator(config, networks, sampling(config, resources.seed()), resources));
  }

  private JafarSession(
      JafarConfig config,
      JafarNetworks networks,
      JafarStart start,
      SessionResources resources,
      JafarGenerator generator) {
    super(
        resources,
        "jafar",
        JafarActionSpace.LatentAction.class,
        new JafarFrameDecoder(config, networks.tokenizer(), resources),
        generator.ids());
    this.start = start;
    this.generator = generator;
  }

  private static JafarGenerator.Sampling sampling(JafarConfig config, long seed) {
    JafarConfig.Sampling sampling = config.sampling();
    RampedCosineSchedule schedule =
        new RampedCosineSchedule(sampling.steps(), sampling.temperature(), sampling.random());
    return new JafarGenerator.Sampling(
        new MaskedSampler(schedule, Confidence.PROBABILITY_AND_KNOWN, 1, config.codes()),
        TokenDraws.seeded(seed));
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
      int chunk, List<JafarActionSpace.LatentAction> actions, StepListener listener, Trace trace) {
    if (!generator.hasBegun()) {
      // What happened between the images of the start is not known.
      generator.begin(start, new int[start.frames() - 1]);
    }
    return generator.generate(chunk, actions.getFirst().id(), listener, trace);
  }

  @Override
  protected void visitGenerator(SessionState.Visitor state) {
    generator.visitState(state);
  }
}
