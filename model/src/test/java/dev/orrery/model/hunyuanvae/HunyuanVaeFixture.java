package dev.orrery.model.hunyuanvae;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.golden.Golden;
import dev.orrery.model.layers.Parameters;
import dev.orrery.runtime.checkpoint.JsonValue;
import dev.orrery.runtime.checkpoint.Weights;
import dev.orrery.runtime.memory.FeatureCache;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;
import java.util.Arrays;
import java.util.stream.IntStream;

/** An autoencoder of a fixture on a backend, with what a stream needs. */
public record HunyuanVaeFixture(
    Golden golden,
    Backend backend,
    TensorArena arena,
    HunyuanVaeConfig config,
    Workspace workspace) {
  /**
   * Largest error in fp32 as a share of the largest expected value: some forty convolutions in a
   * row, of which each rounds by about 1e-7, and the reference's own rounding, which is 1.5e-6.
   */
  private static final double TOLERANCE = 1e-5;

  /** The network of a fixture. */
  public static HunyuanVaeFixture of(Golden golden, Backend backend, TensorArena arena) {
    Workspace workspace = Workspace.of(arena, Golden.AMPLE);
    return new HunyuanVaeFixture(golden, backend, arena, config(golden.config()), workspace);
  }

  /** The configuration of a fixture; where it names no scale, its latents are not scaled. */
  public static HunyuanVaeConfig config(JsonValue json) {
    return new HunyuanVaeConfig(
        json.integer("latent_channels"),
        Arrays.stream(json.integers("block_out_channels")).boxed().toList(),
        json.integer("layers_per_block"),
        json.number("scaling_factor", 1));
  }

  Parameters parameters() {
    return Parameters.ofAutoencoder(weights(), backend, arena);
  }

  /** The fixture's weights, which stand under {@code vae.} where it has those of others, too. */
  Weights weights() {
    boolean others = golden.names().stream().anyMatch(name -> name.startsWith("weights.vae."));
    return Weights.of(golden.weights(others ? "vae." : ""));
  }

  /** Pixels as the encoder takes them. */
  Tensor pixels(Tensor channelsLast) {
    return Golden.moved(backend, arena, backend.computeTypes().autoencoder(), channelsLast);
  }

  /** Latents as the decoder takes them. */
  Tensor latents() {
    return Golden.moved(backend, arena, DType.F32, golden.channelsLast("inputs.z"));
  }

  /**
   * Encodes frames, in calls that end behind these latent frames.
   *
   * @return {@code [F, h, w, 2C]}
   */
  Tensor encode(HunyuanVaeEncoder encoder, Tensor video, int... ends) {
    FeatureCache cache = new FeatureCache(backend, arena);
    int side = HunyuanVaeConfig.SPATIAL_RATIO;
    Tensor out =
        arena.empty(
            DType.F32,
            latentFrames(video),
            video.size(1) / side,
            video.size(2) / side,
            2L * config.latentChannels());
    int done = 0;
    for (int end : ends) {
      Tensor chunk = video.slice(videoFrames(done), videoFrames(end));
      encoder.encode(chunk, cache, workspace, out.slice(done, end), Trace.NONE);
      done = end;
    }
    return out;
  }

  /** Decodes latents, in calls that end behind these latent frames. */
  Tensor decode(HunyuanVaeDecoder decoder, Tensor latents, int... ends) {
    FeatureCache cache = new FeatureCache(backend, arena);
    int side = HunyuanVaeConfig.SPATIAL_RATIO;
    Tensor video =
        arena.empty(
            backend.computeTypes().autoencoder(),
            videoFrames(latents.size(0)),
            (long) side * latents.size(1),
            (long) side * latents.size(2),
            HunyuanVaeConfig.COLOURS);
    int done = 0;
    for (int end : ends) {
      Tensor out = video.slice(videoFrames(done), videoFrames(end));
      decoder.decode(latents.slice(done, end), cache, workspace, out, Trace.NONE);
      done = end;
    }
    return video;
  }

  /** As {@link Golden.Arguments#assertClose}, with a tolerance that goes with the values. */
  static void assertClose(
      Golden.Arguments arguments, String what, float[] expected, float[] actual) {
    arguments.assertClose(what, expected, actual, tolerance(expected));
  }

  /** Largest error that fp32 may make. */
  static double tolerance(float[] expected) {
    double largest = 0;
    for (float value : expected) {
      largest = Math.max(largest, Math.abs(value));
    }
    return TOLERANCE * largest;
  }

  /** Numbers of latent frames after which calls end that take one each. */
  static int[] oneByOne(int latentFrames) {
    return IntStream.rangeClosed(1, latentFrames).toArray();
  }

  /** The same of two calls, the second taking all frames behind the first. */
  static int[] atOnce(int latentFrames) {
    return new int[] {1, latentFrames};
  }

  /** Video frames of the first latent frames of a stream. */
  static int videoFrames(int latentFrames) {
    return latentFrames == 0 ? 0 : HunyuanVaeConfig.TEMPORAL_RATIO * (latentFrames - 1) + 1;
  }

  /** Latent frames that a video becomes. */
  static int latentFrames(Tensor video) {
    return 1 + (video.size(0) - 1) / HunyuanVaeConfig.TEMPORAL_RATIO;
  }
}
