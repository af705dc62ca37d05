package dev.orrery.model.wan;

import dev.orrery.model.session.LatentDecoder;
import dev.orrery.model.taehv.TaehvConfig;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.JsonValue;

/**
 * Which decoder makes a model's frames, as its configuration says:
 *
 * <pre>
 * decoder   "vae" or "taehv"; if missing, "taehv" where there is the section of that name
 * taehv     sizes of the tiny decoder: {"widths": [256, 128, 64, 64]}, the published ones if missing
 * </pre>
 *
 * @param used the one that makes them
 * @param tiny sizes of the tiny one, used or not
 */
public record DecoderSettings(LatentDecoder used, TaehvConfig tiny) {
  /** The model's own decoder, beside a tiny one of the published sizes. */
  public static DecoderSettings own(TaehvConfig tiny) {
    return new DecoderSettings(LatentDecoder.VAE, tiny);
  }

  /**
   * Reads a configuration.
   *
   * @param published sizes of the tiny decoder for the model's latents
   * @throws CheckpointException naming the value that does not fit
   */
  public static DecoderSettings read(JsonValue settings, TaehvConfig published) {
    String section = LatentDecoder.TAEHV.id();
    boolean named = settings.has(section);
    try {
      return new DecoderSettings(
          LatentDecoder.read(settings, named ? LatentDecoder.TAEHV : LatentDecoder.VAE),
          named ? published.read(settings.get(section)) : published);
    } catch (IllegalArgumentException e) {
      throw new CheckpointException(settings.source(), e.getMessage(), e);
    }
  }

  /** The same sizes with another one that makes the frames. */
  public DecoderSettings with(LatentDecoder other) {
    return new DecoderSettings(other, tiny);
  }
}
