package dev.orrery.model.worldplayhy;

import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.session.StartResources;
import dev.orrery.runtime.media.RgbImage;

/** What an encoder of images says about the picture that a world starts from. */
@FunctionalInterface
interface PictureStates {
  /**
   * The states of a picture.
   *
   * @param picture of any size
   * @param resources memory for the time of the start
   * @return {@code [tokens, channels]} of the resources, in the dtype of a transformer's
   *     activations
   */
  Tensor of(RgbImage picture, StartResources resources);
}
