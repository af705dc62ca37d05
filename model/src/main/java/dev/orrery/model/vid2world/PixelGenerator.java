package dev.orrery.model.vid2world;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.session.GeneratedChunk;
import dev.orrery.model.session.SessionResources;
import dev.orrery.model.session.StepListener;
import dev.orrery.runtime.memory.SessionState;
import dev.orrery.runtime.trace.Trace;

/**
 * A window of pictures that slides, as for Counter-Strike.
 *
 * <pre>
 * pictures of the past ─ encoder ─ latents ─┐
 * first picture ─ tokens ───────────────────┤
 * first latent ─ decoder ─ tokens ──────────┴ FrameSampler ─ latent ─ decoder ─ picture ─ the past
 * </pre>
 *
 * <p>The past is what the decoder gave, neither clamped nor rounded to bytes, and every frame of it
 * is encoded again for each new one. The next frame needs the picture of this one, so a session
 * never decodes beside the next step.
 */
final class PixelGenerator implements FrameGenerator {
  private final Vid2WorldStart start;
  private final FrameCoder coder;
  private final Backend backend;
  private final FrameSampler sampler;
  private final LatentWindow window;
  private final HeldActions actions;
  private final Tensor history;
  private final Tensor decoded;
  private final Tensor made;
  private final UnetContext acting;
  private final UnetContext idle;

  /**
   * A window at frame 0.
   *
   * @param start may be encoded later than this is made
   */
  PixelGenerator(
      Vid2WorldConfig config,
      Vid2WorldNetworks networks,
      Vid2WorldStart start,
      SessionResources resources) {
    this.start = start;
    backend = resources.backend();
    var arena = resources.arena();
    coder = new FrameCoder(config, networks, resources);
    window = LatentWindow.of(config, backend, arena);
    sampler =
        new FrameSampler(
            networks.unet(), config.sampling(), config.frames().told(), window, resources);
    actions = new HeldActions(config.rest(), config.frames().window(), backend, arena);
    history = arena.empty(DType.F32, config.past(), config.height(), config.width(), 3);
    decoded = coder.newPicture(arena);
    made = coder.newPicture(arena);
    acting = new UnetContext(networks.text(), coder.newTokens(arena));
    idle = new UnetContext(networks.text(), coder.newTokens(arena));
  }

  @Override
  public int passes() {
    return sampler.passes();
  }

  @Override
  public Tensor made() {
    return made;
  }

  @Override
  public GeneratedChunk generate(
      int chunk, Vid2WorldAction action, StepListener listener, Trace trace) {
    if (chunk == 0) {
      backend.copy(start.pictures(), history);
    }
    FrameDraws draws = sampler.draws(chunk);
    window.fill(coder.latents(history, draws), history.size(0), draws);
    trace.tap("z", window.clean());
    coder.tokens(history.slice(0, 1), acting.image());
    trace.tap("image_context", acting.image());
    coder.decode(window.first(), decoded);
    trace.tap("recon0", decoded);
    coder.tokens(decoded, idle.image());
    trace.tap("uncond_image_context", idle.image());
    Tensor told = actions.told(window.past());
    sampler.make(new FrameCondition(told, window.first(), acting, idle), draws, listener, trace);
    trace.tap("latents", window.newest());
    coder.decode(window.newest(), made);
    trace.tap("frames", made);
    return new GeneratedChunk(made, () -> keep(action));
  }

  private void keep(Vid2WorldAction action) {
    int past = history.size(0);
    backend.copy(history.slice(1, past), history.slice(0, past - 1L));
    backend.copy(made, history.slice(past - 1L, past));
    actions.keep(action, past, true);
  }

  @Override
  public void visitState(SessionState.Visitor state) {
    state.finite("history", history);
    actions.visitState(state);
  }
}
