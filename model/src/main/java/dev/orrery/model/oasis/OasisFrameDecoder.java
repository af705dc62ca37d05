package dev.orrery.model.oasis;

import dev.orrery.kernels.image.PixelRange;
import dev.orrery.kernels.sampling.LinearCombination;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.session.SessionResources;
import dev.orrery.model.session.SingleFrameDecoder;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;

/** Latents of the transformer's scale to frames. */
final class OasisFrameDecoder extends SingleFrameDecoder {
  private final OasisVae vae;
  private final double latentScale;
  private final Tensor unscaled;
  private final LinearCombination combine;

  OasisFrameDecoder(OasisConfig config, OasisVae vae, SessionResources resources) {
    super(
        resources,
        resources.backend().computeTypes().autoencoder(),
        PixelRange.SIGNED,
        config.vae().height(),
        config.vae().width());
    this.vae = vae;
    latentScale = config.latentScale();
    OasisVaeConfig sizes = config.vae();
    unscaled = resources.arena().empty(DType.F32, sizes.rows(), sizes.columns(), sizes.channels());
    combine = resources.backend().kernel(LinearCombination.class);
  }

  @Override
  protected void decode(Tensor latents, Workspace activations, Tensor video, Trace trace) {
    Tensor latent = latents.row(0);
    combine.run(1 / latentScale, latent, 0, latent, unscaled);
    vae.decode(unscaled, activations, video.row(0), trace);
  }
}
