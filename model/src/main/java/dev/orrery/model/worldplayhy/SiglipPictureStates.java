package dev.orrery.model.worldplayhy;

import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.family.MomentaryPart;
import dev.orrery.model.layers.Parameters;
import dev.orrery.model.session.StartResources;
import dev.orrery.model.siglip.SiglipConfig;
import dev.orrery.model.siglip.SiglipEncoder;
import dev.orrery.runtime.media.RgbImage;

/** States of any picture, from an encoder that is only there while a start is encoded. */
final class SiglipPictureStates implements PictureStates {
  private final MomentaryPart<SiglipEncoder> encoder;

  /**
   * @param p at the root of the encoder's checkpoint
   */
  SiglipPictureStates(Parameters p, SiglipConfig config) {
    encoder = new MomentaryPart<>(p, part -> new SiglipEncoder(part, config));
  }

  @Override
  public Tensor of(RgbImage picture, StartResources resources) {
    return encoder.use(resources, part -> part.encode(picture, resources));
  }
}
