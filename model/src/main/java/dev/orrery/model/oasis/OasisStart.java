package dev.orrery.model.oasis;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.sampling.LinearCombination;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.StartResources;
import dev.orrery.runtime.media.RgbImage;
import dev.orrery.runtime.memory.SessionState;
import dev.orrery.runtime.trace.Trace;
import java.util.Collections;
import java.util.List;
import java.util.function.IntFunction;

/**
 * The frames that a world starts from, as latents of the scale that the transformer expects, and
 * what was held during them.
 */
final class OasisStart implements SessionState.Part {
  private final OasisConfig config;
  private final Tensor latents;
  private final Tensor actions;
  private int frames;

  /**
   * Room for as many frames as the model sees at once.
   *
   * @param arena owner of the memory
   */
  OasisStart(OasisConfig config, TensorArena arena) {
    this.config = config;
    OasisTransformerConfig dit = config.dit();
    latents = arena.empty(DType.F32, dit.window(), dit.rows(), dit.columns(), dit.channels());
    actions = arena.empty(DType.F32, dit.window(), dit.actionDim());
  }

  /** How many frames there are. */
  int frames() {
    return frames;
  }

  /** {@code [frames, h, w, c]}, fp32. */
  Tensor latents() {
    return latents.slice(0, frames);
  }

  /** {@code [frames, A]}, fp32. */
  Tensor actions() {
    return actions.slice(0, frames);
  }

  /** Encodes images of any size, oldest first, during which nothing was held. */
  void encode(List<RgbImage> images, OasisVae vae, StartResources resources, Progress progress) {
    OasisVaeConfig sizes = config.vae();
    encode(
        Collections.nCopies(images.size(), OasisAction.NONE),
        i ->
            OasisStartImage.normalize(
                OasisStartImage.stretch(images.get(i), sizes.height(), sizes.width())),
        vae,
        resources,
        progress);
  }

  /**
   * Encodes frames.
   *
   * @param held what was held during each of them
   * @param pixels of each of them, {@code [Y, X, 3]} in [-1, 1], on the host
   */
  void encode(
      List<OasisAction> held,
      IntFunction<Tensor> pixels,
      OasisVae vae,
      StartResources resources,
      Progress progress) {
    frames = held.size();
    OasisVaeConfig sizes = config.vae();
    Backend backend = resources.backend();
    LinearCombination combine = backend.kernel(LinearCombination.class);
    Tensor image = resources.arena().empty(DType.F32, sizes.height(), sizes.width(), 3);
    for (int i = 0; i < frames; i++) {
      backend.copy(pixels.apply(i), image);
      Tensor latent = latents.row(i);
      vae.encode(image, resources.workspace(), new OasisVae.Posterior(latent, null), Trace.NONE);
      combine.run(config.latentScale(), latent, 0, latent, latent);
      float[] values = held.get(i).values();
      backend.copy(Tensor.of(values, values.length), actions.row(i));
      backend.synchronize();
      progress.report("encoding images", i + 1, frames);
    }
  }

  @Override
  public void visitState(SessionState.Visitor state) {
    frames = (int) state.number("frames", frames, config.dit().window());
    state.tensor("latents", latents());
    state.tensor("actions", actions());
  }
}
