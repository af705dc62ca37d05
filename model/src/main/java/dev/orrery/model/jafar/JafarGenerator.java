package dev.orrery.model.jafar;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
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
 * The loop of one session: the tokens of the next frame, all masked, become known in a number of
 * passes of the dynamics model.
 *
 * <p>The first pass of a frame also runs the frames before it whose keys and values are not there:
 * the one that was made last, and all of them at the start and whenever the window has slid. The
 * others run the new frame alone.
 *
 * <p>Source: {@code Genie.sample} of jafar's {@code genie.py}, which runs all frames in each pass,
 * and encodes all pixels again for each frame. That the window slides on is ours.
 */
final class JafarGenerator implements SessionState.Part {
  private final JafarConfig config;
  private final JafarNetworks networks;
  private final MaskedSampler sampler;
  private final TokenDraws draws;
  private final Backend backend;
  private final PassRunner runner;
  private final Workspace workspace;

  /** The frames before the next one, and the actions that led to them. */
  private final TokenWindow context;

  private final TokenWindow actions;
  private final FrameCache cache;

  /** Pixels of the frames in the window; null where tokens are kept as they were picked. */
  private final Retokeniser retokeniser;

  private final Tensor passIds;
  private final Tensor passActions;
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
  JafarGenerator(
      JafarConfig config, JafarNetworks networks, Sampling sampling, SessionResources resources) {
    this.config = config;
    this.networks = networks;
    sampler = sampling.sampler();
    draws = sampling.draws();
    backend = resources.backend();
    runner = new PassRunner(backend, NoiseSource.NONE);
    workspace = resources.passes();
    int count = config.tokens();
    tokens = MaskedTokens.unknown(count);
    context = new TokenWindow(config.frames() - 1, count, config.codes());
    actions = new TokenWindow(config.frames() - 1, 1, config.actions());
    TensorArena arena = resources.arena();
    cache = networks.dynamics().newCache(arena);
    retokeniser =
        config.retokenise() ? new Retokeniser(config, networks.tokenizer(), resources) : null;
    passIds = arena.empty(DType.I32, (long) config.frames() * count);
    passActions = arena.empty(DType.F32, config.frames(), config.codeDim());
    logits = arena.empty(DType.F32, count, config.codes());
    ids = arena.empty(DType.I32, 1, config.tokenRows(), config.tokenColumns());
  }

  /** The frame that is being made, or was made last, as it is after its last step. */
  MaskedTokens tokens() {
    return tokens;
  }

  /** Tokens of the frames before the next one. */
  TokenWindow context() {
    return context;
  }

  /** Passes over a frame. */
  int steps() {
    return sampler.steps();
  }

  /** A tensor like those that are decoded. */
  Tensor ids() {
    return ids;
  }

  /**
   * Begins after some frames.
   *
   * @param frames what is known of them
   * @param actionsBetween the actions that led from each of them to the next
   */
  void begin(JafarStart frames, int... actionsBetween) {
    for (int i = 0; i < frames.frames(); i++) {
      context.add(frames.ids(i));
      actions.add(new int[] {i == 0 ? 0 : actionsBetween[i - 1]});
    }
    if (retokeniser != null) {
      retokeniser.begin(frames);
    }
  }

  /** Whether there is anything to go on from. */
  boolean hasBegun() {
    return context.frames() > 0;
  }

  /**
   * Generates the next frame. Until it is completed it can be generated again.
   *
   * @param number number of the frame, for the draws
   * @param action leads to it
   * @return its ids {@code [1, rows, columns]}, I32
   */
  GeneratedChunk generate(long number, int action, StepListener listener, Trace trace) {
    tokens = MaskedTokens.unknown(config.tokens());
    int last = context.frames();
    int steps = sampler.steps();
    for (int step = 0; step < steps; step++) {
      listener.beforeStep(step, steps);
      forward(step == 0 ? cache.frames() : last, action, trace.at("step" + step));
      float[] values = new float[Math.toIntExact(logits.elements())];
      backend.copy(logits, Tensor.of(values, logits.shape().extents()));
      backend.synchronize();
      sampler.step(number, step, values, tokens, draws);
    }
    listener.beforeStep(steps, steps);
    backend.copy(integers(tokens.ids()), ids);
    // Not before: a frame that is made again runs the same passes again, bit by bit.
    return new GeneratedChunk(ids, () -> keep(action));
  }

  private void keep(int action) {
    int last = context.frames();
    int[][] kept =
        retokeniser == null ? new int[][] {tokens.ids()} : retokeniser.again(tokens.ids());
    boolean slides = actions.add(new int[] {action});
    for (int[] frame : kept) {
      context.add(frame);
    }
    cache.keep(slides ? 0 : last);
  }

  /** A pass over the context frames from {@code first} on and the new frame. */
  private void forward(int first, int action, Trace trace) {
    JafarDynamics dynamics = networks.dynamics();
    int[] all = followedBy(context.from(first), tokens.ids(dynamics.mask()));
    int[] led = followedBy(actions.from(first), action);
    Tensor idsOfPass = passIds.slice(0, all.length);
    Tensor actionsOfPass = passActions.slice(0, led.length);
    backend.copy(integers(all), idsOfPass);
    backend.copy(dynamics.codes(led), actionsOfPass);
    runner.run(
        () -> dynamics.forward(idsOfPass, actionsOfPass, first, cache, workspace, logits, trace),
        trace);
  }

  private static int[] followedBy(int[] values, int... more) {
    int[] all = Arrays.copyOf(values, values.length + more.length);
    System.arraycopy(more, 0, all, values.length, more.length);
    return all;
  }

  private static Tensor integers(int[] values) {
    return Tensor.host(DType.I32, Shape.of(values.length), MemorySegment.ofArray(values));
  }

  @Override
  public void visitState(SessionState.Visitor state) {
    state.part("context", context);
    state.part("actions", actions);
    requireOneFor(context.frames(), "actions.frames", actions.frames(), state);
    state.part("cache", part -> cache.visitState(part, context.frames()));
    if (retokeniser != null) {
      state.part("pixels", retokeniser);
      requireOneFor(context.frames(), "pixels.frames", retokeniser.frames(), state);
    }
  }

  /** Requires that as much was stored of something as there are frames in the window. */
  private static void requireOneFor(
      int frames, String name, int found, SessionState.Visitor state) {
    if (state.restores() && found != frames) {
      throw state.refusal(name, "expected " + frames + ", found " + found);
    }
  }
}
