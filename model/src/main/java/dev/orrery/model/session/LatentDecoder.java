package dev.orrery.model.session;

import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.JsonValue;
import java.util.Arrays;
import java.util.Locale;

/** What makes frames of latents. The latents themselves do not depend on it. */
public enum LatentDecoder {
  /** The decoder that was released with the model, of its autoencoder or its tokenizer. */
  VAE,

  /** TAEHV, a tiny decoder in its place: many times faster, with softer frames. */
  TAEHV;

  private static final String KEY = "decoder";

  /** Name in configurations, files and options: {@code taehv}. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The one that is named under {@code decoder}.
   *
   * @param otherwise if none is
   * @throws CheckpointException if it is named and none of these
   */
  public static LatentDecoder read(JsonValue json, LatentDecoder otherwise) {
    String name = json.string(KEY, otherwise.id());
    return Arrays.stream(values())
        .filter(decoder -> decoder.id().equals(name))
        .findFirst()
        .orElseThrow(() -> json.get(KEY).unexpected("vae or taehv"));
  }
}
