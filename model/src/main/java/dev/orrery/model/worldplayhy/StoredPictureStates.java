package dev.orrery.model.worldplayhy;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.elementwise.Convert;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.Parameters;
import dev.orrery.model.session.StartResources;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.media.RgbImage;
import java.nio.file.Path;

/**
 * States that lie in a file in place of an encoder of images, as the tensor {@value #NAME}: those
 * of the one picture that a model's folder is meant for.
 */
final class StoredPictureStates implements PictureStates {
  /** The tensor, {@code [tokens, channels]}. */
  static final String NAME = "vision";

  private final float[] values;
  private final int tokens;

  /**
   * @param file for messages
   * @param channels of a token
   * @throws CheckpointException if a value is not finite
   */
  StoredPictureStates(Parameters p, Path file, int tokens, int channels) {
    this.tokens = tokens;
    values = p.values(NAME, tokens, channels);
    for (int i = 0; i < values.length; i++) {
      if (!Float.isFinite(values[i])) {
        throw new CheckpointException(
            file.toString(), NAME + ": expected finite values, found " + values[i] + " at " + i);
      }
    }
  }

  @Override
  public Tensor of(RgbImage picture, StartResources resources) {
    Backend backend = resources.backend();
    long[] extents = {tokens, values.length / tokens};
    Tensor stored = resources.arena().empty(DType.F32, extents);
    backend.copy(Tensor.of(values, extents), stored);
    Tensor out = resources.arena().empty(backend.computeTypes().transformer(), extents);
    backend.kernel(Convert.class).run(stored, out);
    return out;
  }
}
