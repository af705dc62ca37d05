package dev.orrery.model.vae;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class VaeGoldenTest {
  private static final double TOLERANCE = 2e-5;

  static List<Golden.Arguments> cases() {
    return Golden.cases("vae");
  }

  static List<Golden.Arguments> casesOfProperties() {
    return Golden.casesOfProperties("matrix-game-2", "vae");
  }

  static VaeConfig config(JsonValue json) {
    VaeConfig wan = VaeConfig.wan21(json.integer("dim"));
    return new VaeConfig(
        wan.dim(),
        wan.latentChannels(),
        Arrays.stream(json.integers("dim_mult")).boxed().toList(),
        json.integer("num_res_blocks"),
        wan.temporalDownsample(),
        wan.mean(),
        wan.std());
  }

  /** Collects the activations of all chunks, one after the other in time. */
  private static final class Concatenation implements Trace {
    private final Backend backend;
    final Map<String, float[]> values = new LinkedHashMap<>();

    Concatenation(Backend backend) {
      this.backend = backend;
    }

    @Override
    public void tap(String name, Tensor value) {
      float[] now = Golden.floats(backend, value);
      float[] before = values.getOrDefault(name, new float[0]);
      float[] both = Arrays.copyOf(before, before.length + now.length);
      System.arraycopy(now, 0, both, before.length, now.length);
      values.put(name, both);
    }
  }

  private static void assertTaps(
      Golden.Arguments arguments, Golden golden, String start, Concatenation trace, int expected) {
    int compared = 0;
    for (String name : golden.names()) {
      if (name.startsWith(start)) {
        float[] want = golden.channelsLast(name).toFloats();
        float[] found = trace.values.get(name.substring(start.length()));
        assertTrue(found != null, name + " was not tapped");
        arguments.assertClose(name, want, found, TOLERANCE);
        compared++;
      }
    }
    assertEquals(expected, compared, "taps of " + start);
  }

  private static long count(Golden golden, String start) {
    return golden.names().stream().filter(name -> name.startsWith(start)).count();
  }

  @ParameterizedTest
  @MethodSource("cases")
  void encodesLikeTheReference(Golden.Arguments arguments) {
    try (Golden golden = arguments.golden();
        Backend backend = arguments.backend();
        TensorArena arena = backend.newArena()) {
      Parameters parameters =
          Parameters.ofAutoencoder(Weights.of(golden.weights("")), backend, arena);
      VaeEncoder encoder = new VaeEncoder(parameters, config(golden.config()));
      DType pixels = backend.computeTypes().autoencoder();
      Tensor video = Golden.moved(backend, arena, pixels, golden.channelsLast("inputs.video"));
      float[] expected = golden.channelsLast("outputs.encode.latents").toFloats();
      Concatenation trace = new Concatenation(backend);
      FeatureCache cache = new FeatureCache(backend, arena);
      Workspace workspace = Workspace.of(arena, Golden.AMPLE);
      int latentFrames = 1 + (video.size(0) - 1) / VaeConfig.TEMPORAL_RATIO;
      Tensor out = arena.empty(DType.F32, latentFrames, video.size(1) / 8, video.size(2) / 8, 16);
      for (int f = 0; f < latentFrames; f++) {
        int from = f == 0 ? 0 : VaeConfig.TEMPORAL_RATIO * f - 3;
        Tensor chunk = video.slice(from, VaeConfig.TEMPORAL_RATIO * f + 1);
        encoder.encode(chunk, cache, workspace, out.slice(f, f + 1), trace);
      }
      assertTaps(
          arguments,
          golden,
          "outputs.encode.tap.",
          trace,
          (int) count(golden, "outputs.encode.tap."));
      arguments.assertClose("latents", expected, Golden.floats(backend, out), TOLERANCE);

      float[] single = golden.channelsLast("outputs.encode.single_image").toFloats();
      arguments.assertClose(
          "single image", single, Golden.floats(backend, out.slice(0, 1)), TOLERANCE);
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void decodesLikeTheReference(Golden.Arguments arguments) {
    try (Golden golden = arguments.golden();
        Backend backend = arguments.backend();
        TensorArena arena = backend.newArena()) {
      Parameters parameters =
          Parameters.ofAutoencoder(Weights.of(golden.weights("")), backend, arena);
      VaeDecoder decoder = new VaeDecoder(parameters, config(golden.config()));
      DType pixels = backend.computeTypes().autoencoder();
      Tensor latents =
          Golden.moved(backend, arena, DType.F32, golden.channelsLast("inputs.latents"));
      int frames = latents.size(0);
      int height = 8 * latents.size(1);
      int width = 8 * latents.size(2);
      Tensor video = arena.empty(pixels, 4L * frames - 3, height, width, 3);
      FeatureCache cache = new FeatureCache(backend, arena);
      Workspace workspace = Workspace.of(arena, Golden.AMPLE);
      Concatenation trace = new Concatenation(backend);
      int done = 0;
      for (int f = 0; f < frames; f++) {
        int count = VaeDecoder.videoFrames(f);
        decoder.decode(
            latents.slice(f, f + 1), cache, workspace, video.slice(done, done + count), trace);
        done += count;
      }
      assertTaps(
          arguments,
          golden,
          "outputs.decode.tap.",
          trace,
          (int) count(golden, "outputs.decode.tap."));
      float[] full = golden.channelsLast("outputs.decode.full_unclamped").toFloats();
      arguments.assertClose("decoded video", full, Golden.floats(backend, video), TOLERANCE);
      assertStream(arguments, golden, backend, video, height, width);
      assertCache(arguments, golden, backend, cache);
    }
  }

  /** The chunks of the streaming reference, which are clipped to [-1, 1]. */
  private static void assertStream(
      Golden.Arguments arguments,
      Golden golden,
      Backend backend,
      Tensor video,
      int height,
      int width) {
    int done = 0;
    for (int chunk = 0; golden.has("outputs.stream.chunk" + chunk); chunk++) {
      String name = "outputs.stream.chunk" + chunk;
      int count = golden.tensor(name).size(1);
      float[] want =
          Golden.framesChannelsLast(golden.floats(name), count, 3, height, width).toFloats();
      float[] found = Golden.floats(backend, video.slice(done, done + count));
      for (int i = 0; i < found.length; i++) {
        found[i] = Math.clamp(found[i], -1f, 1f);
      }
      arguments.assertClose(name, want, found, TOLERANCE);
      done += count;
    }
    assertEquals(video.size(0), done, "frames in the chunks");
  }

  private static void assertCache(
      Golden.Arguments arguments, Golden golden, Backend backend, FeatureCache cache) {
    String start = "outputs.stream.final_cache.";
    int compared = 0;
    for (String name : golden.names()) {
      if (name.startsWith(start)) {
        int slot = Integer.parseInt(name.substring(start.length()));
        float[] want = golden.channelsLast(name).toFloats();
        arguments.assertClose(
            name, want, Golden.floats(backend, cache.histories().get(slot).frames()), TOLERANCE);
        compared++;
      }
    }
    assertTrue(compared > 0, "no cache slots in the fixture");
  }

  /** The latents of a grey tail stop changing just behind the encoder's reach, not earlier. */
  @ParameterizedTest
  @MethodSource("casesOfProperties")
  void greyTailIsConstantBehindTheReach(Golden.Arguments arguments) {
    try (Golden golden = arguments.golden();
        Backend backend = arguments.backend();
        TensorArena arena = backend.newArena()) {
      Parameters parameters =
          Parameters.ofAutoencoder(Weights.of(golden.weights("")), backend, arena);
      VaeEncoder encoder = new VaeEncoder(parameters, config(golden.config()));
      int reach = encoder.reachInLatentFrames();
      DType pixels = backend.computeTypes().autoencoder();
      Tensor image =
          Golden.moved(backend, arena, pixels, golden.channelsLast("inputs.video").slice(0, 1));
      Tensor grey = arena.empty(pixels, 4, image.size(1), image.size(2), 3);
      FeatureCache cache = new FeatureCache(backend, arena);
      Workspace workspace = Workspace.of(arena, Golden.AMPLE);
      float[][] latents = new float[reach + 4][];
      Tensor out = arena.empty(DType.F32, 1, image.size(1) / 8, image.size(2) / 8, 16);
      for (int f = 0; f < latents.length; f++) {
        encoder.encode(f == 0 ? image : grey, cache, workspace, out, Trace.NONE);
        latents[f] = Golden.floats(backend, out);
      }
      assertArrayEquals(latents[reach + 1], latents[reach + 2]);
      assertArrayEquals(latents[reach + 1], latents[reach + 3]);
      assertTrue(!Arrays.equals(latents[reach / 2], latents[reach + 1]), "constant too early");
    }
  }
}
