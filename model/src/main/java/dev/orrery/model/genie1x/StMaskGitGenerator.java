package dev.orrery.model.genie1x;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.layout.GatherRows;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.genie.FrameCache;
import dev.orrery.model.genie.TokenWindow;
import dev.orrery.model.sampling.MaskedSampler;
import dev.orrery.model.sampling.MaskedTokens;
import dev.orrery.model.sampling.NoiseSource;
import dev.orrery.model.sampling.PassRunner;
import dev.orrery.model.sampling.TokenDraws;
import dev.orrery.model.session.GeneratedChunk;
import dev.orrery.model.session.SessionResources;
import dev.orrery.model.session.StepListener;
import dev.orrery.runtime.memory.SessionState;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;

/**
 * The loop of one session: the tokens of the next frame, all masked, become known in a few passes
 * of the transformer.
 *
 * <p>The first pass of a frame also runs the frames before it whose keys and values are not there:
 * the one that was made last, whose tokens were not all known in its own last pass; and all of them
 * at the start and whenever the window has slid. The others run the new frame alone.
 *
 * <p>Source: {@code maskgit_generate} of 1xgpt's {@code st_mask_git.py}, which computes all frames
 * in each pass and ends with the last frame of the window. That the window slides on is ours.
 */
final class StMaskGitGenerator implements SessionState.Part {
  private final StMaskGitConfig config;
  private final StMaskGit transformer;
  private final MaskedSampler sampler;
  private final TokenDraws draws;
  private final Backend backend;
  private final PassRunner runner;
  private final Workspace workspace;
  private final TokenWindow context;
  private final FrameCache cache;
  private final Tensor factors;
  private final Tensor logits;
  private final Tensor ids;

  /** The frame that is being made, or was made last. */
  private MaskedTokens tokens;

  /**
   * How frames are sampled.
   *
   * @param draws what is drawn; frames are numbered as in {@link #generate}
   */
  record Sampling(MaskedSampler sampler, TokenDraws draws) {}

  /**
   * A loop in front of the first new frame.
   *
   * @param resources owner of the session's tensors
   */
  StMaskGitGenerator(
      StMaskGitConfig config,
      StMaskGit transformer,
      Sampling sampling,
      SessionResources resources) {
    this.config = config;
    this.transformer = transformer;
    sampler = sampling.sampler();
    draws = sampling.draws();
    backend = resources.backend();
    runner = new PassRunner(backend, NoiseSource.NONE);
    workspace = resources.passes();
    FactoredVocabulary vocabulary = config.vocabulary();
    tokens = MaskedTokens.unknown(config.tokens());
    context = new TokenWindow(config.frames() - 1, config.tokens(), vocabulary.ids());
    cache = transformer.newCache(resources.arena());
    factors =
        resources
            .arena()
            .empty(DType.I32, (long) vocabulary.factors() * config.frames() * config.tokens());
    long outputs = (long) vocabulary.factors() * vocabulary.categories();
    logits = resources.arena().empty(DType.F32, config.tokens(), outputs);
    ids = resources.arena().empty(DType.I32, 1, config.side(), config.side());
  }

  /**
   * Begins after some frames.
   *
   * @param prompt their ids, {@code [F][S]}; of more than the window has room for the last ones
   *     count
   * @throws IllegalArgumentException if there are no frames, or an id is not in the vocabulary
   */
  void begin(int[][] prompt) {
    if (prompt.length == 0) {
      throw new IllegalArgumentException("prompt: expected 1 frame or more, found none");
    }
    for (int[] frame : prompt) {
      GatherRows.check(frame, config.vocabulary().ids());
      context.add(frame);
    }
  }

  /** Whether there is anything to go on from. */
  boolean hasBegun() {
    return context.frames() > 0;
  }

  /** Passes over a frame. */
  int steps() {
    return sampler.steps();
  }

  /** The frame that is being made, or was made last, as it is after its last step. */
  MaskedTokens tokens() {
    return tokens;
  }

  /** A tensor like those that are decoded. */
  Tensor ids() {
    return ids;
  }

  /**
   * Generates the next frame. Until it is completed it can be generated again.
   *
   * @param number number of the frame, for the draws
   * @return its ids {@code [1, rows, columns]}, I32
   */
  GeneratedChunk generate(long number, StepListener listener, Trace trace) {
    tokens = MaskedTokens.unknown(config.tokens());
    int last = context.frames();
    int steps = sampler.steps();
    for (int step = 0; step < steps; step++) {
      listener.beforeStep(step, steps);
      forward(step == 0 ? cache.frames() : last, trace.at("step" + step));
      float[] values = new float[Math.toIntExact(logits.elements())];
      backend.copy(logits, Tensor.of(values, logits.shape().extents()));
      sampler.step(number, step, values, tokens, draws);
    }
    listener.beforeStep(steps, steps);
    backend.copy(integers(tokens.ids()), ids);
    // Not before: a frame that is made again runs the same passes again, bit by bit.
    return new GeneratedChunk(ids, () -> cache.keep(context.add(tokens.ids()) ? 0 : last));
  }

  /** A pass over the context frames from {@code first} on and the new frame. */
  private void forward(int first, Trace trace) {
    FactoredVocabulary vocabulary = config.vocabulary();
    int[] known = context.from(first);
    int[] all = Arrays.copyOf(known, known.length + tokens.count());
    System.arraycopy(tokens.ids(vocabulary.mask()), 0, all, known.length, tokens.count());
    Tensor pass =
        factors
            .slice(0, (long) vocabulary.factors() * all.length)
            .reshape(vocabulary.factors(), all.length);
    for (int factor = 0; factor < vocabulary.factors(); factor++) {
      backend.copy(integers(vocabulary.factor(all, factor)), pass.row(factor));
    }
    runner.run(() -> transformer.forward(pass, first, cache, workspace, logits, trace), trace);
  }

  private static Tensor integers(int[] values) {
    return Tensor.host(DType.I32, Shape.of(values.length), MemorySegment.ofArray(values));
  }

  @Override
  public void visitState(SessionState.Visitor state) {
    state.part("context", context);
    state.part("cache", part -> cache.visitState(part, context.frames()));
  }
}
