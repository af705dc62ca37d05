package dev.orrery.model.vid2world;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.session.GeneratedChunk;
import dev.orrery.model.session.SessionResources;
import dev.orrery.model.session.StepListener;
import dev.orrery.runtime.memory.SessionState;
import dev.orrery.runtime.trace.Trace;

/**
 * A window of latents that grows, as for robots: frames that were made are never decoded and
 * encoded again, and the first picture stays what the window's frames attend to.
 *
 * <p>The reference ends when the window is full. A session goes on: the oldest frame leaves, and
 * the picture of the frame that is first then takes its place.
 */
final class LatentGenerator implements FrameGenerator {
  private final Vid2WorldStart start;
  private final FrameCoder coder;
  private final FrameSampler sampler;
  private final LatentWindow window;
  private final HeldActions actions;
  private final Tensor decoded;
  private final UnetContext acting;
  private final UnetContext idle;

  /**
   * A window at frame 0.
   *
   * @param start may be encoded later than this is made
   */
  LatentGenerator(
      Vid2WorldConfig config,
      Vid2WorldNetworks networks,
      Vid2WorldStart start,
      SessionResources resources) {
    this.start = start;
    Backend backend = resources.backend();
    var arena = resources.arena();
    coder = new FrameCoder(config, networks, resources);
    window = LatentWindow.of(config, backend, arena);
    sampler =
        new FrameSampler(
            networks.unet(), config.sampling(), config.frames().told(), window, resources);
    actions = new HeldActions(config.rest(), config.frames().window(), backend, arena);
    decoded = coder.newPicture(arena);
    acting = new UnetContext(networks.text(), coder.newTokens(arena));
    idle = new UnetContext(networks.text(), coder.newTokens(arena));
  }

  @Override
  public int passes() {
    return sampler.passes();
  }

  @Override
  public Tensor made() {
    return window.first();
  }

  @Override
  public GeneratedChunk generate(
      int chunk, Vid2WorldAction action, StepListener listener, Trace trace) {
    FrameDraws draws = sampler.draws(chunk);
    Tensor pictures = start.pictures();
    if (chunk == 0) {
      window.fill(coder.latents(pictures, draws), pictures.size(0), draws);
      coder.tokens(pictures.slice(0, 1), acting.image());
      coder.decode(window.first(), decoded);
      coder.tokens(decoded, idle.image());
    } else {
      requirePast((long) pictures.size(0) + chunk);
    }
    Tensor told = actions.told(window.past());
    sampler.make(new FrameCondition(told, window.first(), acting, idle), draws, listener, trace);
    trace.tap("latents", window.newest());
    return new GeneratedChunk(window.newest(), () -> keep(action));
  }

  /**
   * Requires that nothing is missing of the past, which may come from a file.
   *
   * @param frames of the start, and those that were made
   */
  private void requirePast(long frames) {
    long expected = Math.min(frames, window.capacity() - 1);
    if (window.past() != expected) {
      throw new IllegalStateException(
          "generator.past: expected " + expected + ", found " + window.past());
    }
  }

  private void keep(Vid2WorldAction action) {
    int past = window.past();
    boolean full = window.keep();
    actions.keep(action, past, full);
    if (full) {
      coder.decode(window.first(), decoded);
      coder.tokens(decoded, acting.image());
      coder.tokens(decoded, idle.image());
    }
  }

  @Override
  public void visitState(SessionState.Visitor state) {
    window.visitState(state);
    actions.visitState(state);
    state.finite("acting", acting.image());
    state.finite("idle", idle.image());
  }
}
