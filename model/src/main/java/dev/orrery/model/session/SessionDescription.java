package dev.orrery.model.session;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.ComputeTypes;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.JsonText;
import dev.orrery.runtime.checkpoint.JsonValue;
import java.nio.charset.StandardCharsets;
import java.util.regex.Pattern;

/**
 * What a saved session says about itself.
 *
 * @param model which model it is of
 * @param seed which of the possible worlds it is
 * @param chunk chunks made so far
 * @param frames video frames that these chunks have
 * @param host where it ran
 */
public record SessionDescription(
    ModelIdentity model, long seed, int chunk, long frames, Host host) {
  /** Shown in messages, so nothing in it may break lines or fill a screen. */
  private static final Pattern LINE = Pattern.compile("[^\\p{Cc}\u2028\u2029]{0,200}");

  /**
   * Where a session runs.
   *
   * @param backend its {@link Backend#name}
   * @param machine see {@link Backend#machine}
   * @param precision dtypes of activations
   */
  public record Host(String backend, String machine, ComputeTypes precision) {
    /** A backend that exists. */
    public static Host of(Backend backend) {
      return new Host(backend.name(), backend.machine(), backend.computeTypes());
    }
  }

  /** As JSON. */
  String json() {
    return JsonText.of(
        out -> {
          out.writeStringField("family", model.family());
          out.writeStringField("model", model.description());
          out.writeNumberField("width", model.width());
          out.writeNumberField("height", model.height());
          out.writeNumberField("framesPerSecond", model.framesPerSecond());
          out.writeNumberField("steps", model.steps());
          out.writeStringField("decoder", model.decoder().id());
          out.writeStringField("fingerprint", model.fingerprint());
          out.writeNumberField("seed", seed);
          out.writeNumberField("chunk", chunk);
          out.writeNumberField("frames", frames);
          out.writeStringField("backend", host.backend());
          out.writeStringField("machine", host.machine());
          out.writeStringField("transformer", host.precision().transformer().name());
          out.writeStringField("autoencoder", host.precision().autoencoder().name());
        });
  }

  /**
   * Reads {@link #json}.
   *
   * @param file how messages name its origin
   * @throws CheckpointException if it is none
   */
  static SessionDescription parse(String file, String json) {
    JsonValue value = JsonValue.parse(file, json.getBytes(StandardCharsets.UTF_8));
    ModelIdentity model =
        new ModelIdentity(
            line(value, "family"),
            line(value, "model"),
            value.positive("width"),
            value.positive("height"),
            value.positive("framesPerSecond"),
            value.positive("steps"),
            // Sessions were kept before there was a choice.
            LatentDecoder.read(value, LatentDecoder.VAE),
            line(value, "fingerprint"));
    Host host =
        new Host(
            line(value, "backend"),
            line(value, "machine"),
            new ComputeTypes(dtype(value, "transformer"), dtype(value, "autoencoder")));
    return new SessionDescription(
        model,
        value.get("seed").asLong(),
        (int) counted(value, "chunk", value.integer("chunk")),
        counted(value, "frames", value.get("frames").asLong()),
        host);
  }

  private static long counted(JsonValue value, String key, long count) {
    if (count < 0) {
      throw value.get(key).unexpected("0 or more");
    }
    return count;
  }

  private static String line(JsonValue value, String key) {
    String text = value.string(key);
    if (!LINE.matcher(text).matches()) {
      throw value.get(key).unexpected("one line of at most 200 characters");
    }
    return text;
  }

  private static DType dtype(JsonValue value, String key) {
    try {
      return DType.valueOf(value.string(key));
    } catch (IllegalArgumentException e) {
      throw value.get(key).unexpected("a dtype");
    }
  }

  /**
   * Requires that a model can go on where this session ended.
   *
   * @param file how messages name the session's origin
   * @param expected the model
   * @param precision of the backend that the model runs on
   * @throws CheckpointException saying what is different
   */
  void requireGoesOn(String file, ModelIdentity expected, ComputeTypes precision) {
    requireFamily(file, expected.family());
    require(file, "decoder", expected.decoder().id(), model.decoder().id());
    requireModel(file, expected.description());
    require(file, "width", expected.width(), model.width());
    require(file, "height", expected.height(), model.height());
    require(file, "frames per second", expected.framesPerSecond(), model.framesPerSecond());
    require(file, "steps", expected.steps(), model.steps());
    require(file, "fingerprint of the model", expected.fingerprint(), model.fingerprint());
    ComputeTypes found = host.precision();
    require(file, "precision of the transformer", precision.transformer(), found.transformer());
    require(file, "precision of the autoencoder", precision.autoencoder(), found.autoencoder());
  }

  /** Requires what {@link #requireGoesOn} does of the family. */
  void requireFamily(String file, String family) {
    require(file, "family", family, model.family());
  }

  /** Requires what {@link #requireGoesOn} does of the model's {@link ModelIdentity#description}. */
  void requireModel(String file, String expected) {
    require(file, "model", expected, model.description());
  }

  private static void require(String file, String what, Object expected, Object found) {
    if (!expected.equals(found)) {
      throw new CheckpointException(file, what + ": expected " + expected + ", found " + found);
    }
  }
}
