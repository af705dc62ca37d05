package dev.orrery.model.layers;

import dev.orrery.kernels.attention.AttentionInt8;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.JsonValue;
import java.util.Arrays;
import java.util.Locale;

/**
 * What the self-attention of a transformer's blocks multiplies queries and keys in. Nothing but a
 * model's configuration sets it, and a model says so where it describes itself.
 */
public enum AttentionPrecision {
  /** The type of the activations. */
  FLOAT,

  /** Int8 with scales, see {@link AttentionInt8}. */
  INT8;

  private static final String KEY = "attention";

  /** Name in configurations: {@code int8}. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /**
   * The one that is named under {@code attention}, {@link #FLOAT} if none is.
   *
   * @param headDim channels of the transformer's heads
   * @throws CheckpointException if it is none of these, or is not for such heads
   */
  public static AttentionPrecision read(JsonValue settings, int headDim) {
    String name = settings.string(KEY, FLOAT.id());
    AttentionPrecision named =
        Arrays.stream(values())
            .filter(precision -> precision.id().equals(name))
            .findFirst()
            .orElseThrow(() -> settings.get(KEY).unexpected("float or int8"));
    boolean fits = headDim % AttentionInt8.HEAD_STEP == 0 && headDim <= AttentionInt8.LARGEST_HEAD;
    if (named == INT8 && !fits) {
      throw settings.get(KEY).unexpected("float for heads of " + headDim + " channels");
    }
    return named;
  }

  /** What it adds to the description of a model. */
  public String described() {
    return this == FLOAT ? "" : ", attention in " + id();
  }
}
