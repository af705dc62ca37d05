package dev.orrery.model.genie1x;

import dev.orrery.model.sampling.CosineSchedule;
import dev.orrery.model.sampling.MaskedSampler;
import dev.orrery.model.sampling.TokenDraws;
import dev.orrery.model.session.ChunkSession;
import dev.orrery.model.session.GeneratedChunk;
import dev.orrery.model.session.SessionResources;
import dev.orrery.model.session.StepListener;
import dev.orrery.runtime.memory.SessionState;
import dev.orrery.runtime.trace.Trace;
import java.util.List;

/** A running world, whose chunks are single frames. */
final class Genie1xSession extends ChunkSession<Onward> {
  private final Genie1xStart start;
  private final StMaskGitGenerator generator;

  /** A session at frame 0. */
  Genie1xSession(
      Genie1xConfig config,
      Genie1xNetworks networks,
      Genie1xStart start,
      SessionResources resources) {
    this(
        config,
        networks,
        start,
        resources,
        new StMaskGitGenerator(
            config.transformer(),
            networks.transformer(),
            sampling(config, resources.seed()),
            resources));
  }

  private Genie1xSession(
      Genie1xConfig config,
      Genie1xNetworks networks,
      Genie1xStart start,
      SessionResources resources,
      StMaskGitGenerator generator) {
    super(
        resources,
        "1xgpt",
        Onward.class,
        new Genie1xFrameDecoder(config, networks.tokenizer().decoder(), resources),
        generator.ids());
    this.start = start;
    this.generator = generator;
  }

  private static StMaskGitGenerator.Sampling sampling(Genie1xConfig config, long seed) {
    Genie1xConfig.Sampling sampling = config.sampling();
    FactoredVocabulary vocabulary = config.transformer().vocabulary();
    return new StMaskGitGenerator.Sampling(
        new MaskedSampler(
            new CosineSchedule(sampling.steps(), sampling.random()),
            sampling.unmask(),
            vocabulary.factors(),
            vocabulary.categories()),
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
      int chunk, List<Onward> actions, StepListener listener, Trace trace) {
    if (!generator.hasBegun()) {
      generator.begin(start.frames());
    }
    return generator.generate(chunk, listener, trace);
  }

  @Override
  protected void visitGenerator(SessionState.Visitor state) {
    generator.visitState(state);
  }
}
