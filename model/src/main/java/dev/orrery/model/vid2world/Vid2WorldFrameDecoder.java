package dev.orrery.model.vid2world;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.image.PixelRange;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.klvae.KlVaeDecoder;
import dev.orrery.model.session.SessionResources;
import dev.orrery.model.session.SingleFrameDecoder;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;

/** Turns what a generator made into frames: latents, or pictures that are decoded already. */
final class Vid2WorldFrameDecoder extends SingleFrameDecoder {
  /** Null where pictures come. */
  private final KlVaeDecoder decoder;

  private final Backend backend;

  private Vid2WorldFrameDecoder(
      Vid2WorldConfig config, DType dtype, KlVaeDecoder decoder, SessionResources resources) {
    super(resources, dtype, PixelRange.SIGNED, config.height(), config.width());
    this.decoder = decoder;
    backend = resources.backend();
  }

  /** The decoder of a model. */
  static Vid2WorldFrameDecoder of(
      Vid2WorldConfig config, Vid2WorldNetworks networks, SessionResources resources) {
    return switch (config.history()) {
      case PIXELS -> new Vid2WorldFrameDecoder(config, DType.F32, null, resources);
      case LATENTS ->
          new Vid2WorldFrameDecoder(
              config,
              resources.backend().computeTypes().autoencoder(),
              networks.decoder(),
              resources);
    };
  }

  @Override
  protected void decode(Tensor generated, Workspace activations, Tensor video, Trace trace) {
    if (decoder == null) {
      backend.copy(generated, video);
    } else {
      decoder.decode(generated, activations, video, trace);
    }
  }
}
