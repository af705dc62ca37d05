package dev.orrery.model.hunyuanvae;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.golden.Golden;
import dev.orrery.model.layers.Parameters;
import dev.orrery.model.sampling.NoiseSource;
import dev.orrery.model.session.FrameDecoder;
import dev.orrery.model.session.VideoFrames;
import dev.orrery.model.wan.WanFrameDecoder;
import dev.orrery.runtime.checkpoint.Weights;
import dev.orrery.runtime.memory.FeatureCache;
import dev.orrery.runtime.memory.SessionState;
import dev.orrery.runtime.trace.Trace;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The autoencoder of WorldPlay-8B against what HunyuanVideo-1.5's computed. */
class WorldPlayHyVaeGoldenTest {
  private static final String FAMILY = "worldplay-hy8b";

  static List<Golden.Arguments> cases() {
    return Golden.cases(FAMILY, "vae");
  }

  static List<Golden.Arguments> casesOfProperties() {
    return Golden.casesOfProperties(FAMILY, "vae");
  }

  static List<Golden.Arguments> cpuCases() {
    return Golden.cpuCases(FAMILY, "vae");
  }

  static List<Golden.Arguments> pictures() {
    return Golden.cases(FAMILY, "image");
  }

  private static void with(Golden.Arguments arguments, Consumer<HunyuanVaeFixture> test) {
    try (Golden golden = arguments.golden();
        Backend backend = arguments.backend();
        TensorArena arena = backend.newArena()) {
      test.accept(HunyuanVaeFixture.of(golden, backend, arena));
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void encodesLikeTheReference(Golden.Arguments arguments) {
    with(
        arguments,
        vae -> {
          HunyuanVaeEncoder encoder = new HunyuanVaeEncoder(vae.parameters(), vae.config());
          Tensor video = vae.pixels(vae.golden().channelsLast("inputs.video"));
          int[] ends = HunyuanVaeFixture.oneByOne(HunyuanVaeFixture.latentFrames(video));
          Tensor moments = vae.encode(encoder, video, ends);
          assertLike(arguments, vae, "outputs.moments", moments);
          assertLike(arguments, vae, "outputs.moments_first_frame", moments.slice(0, 1));
        });
  }

  @ParameterizedTest
  @MethodSource("cases")
  void decodesLikeTheReference(Golden.Arguments arguments) {
    with(
        arguments,
        vae -> {
          HunyuanVaeDecoder decoder = new HunyuanVaeDecoder(vae.parameters(), vae.config());
          // A third latent frame shows a device of TornadoVM nothing new, and takes it long.
          boolean emulated = arguments.backendName().equals("tornado");
          Tensor latents = vae.latents().slice(0, emulated ? 2 : vae.latents().size(0));
          Tensor video = vae.decode(decoder, latents, HunyuanVaeFixture.oneByOne(latents.size(0)));
          Tensor want = vae.golden().channelsLast("outputs.video").slice(0, video.size(0));
          float[] found = Golden.floats(vae.backend(), video);
          HunyuanVaeFixture.assertClose(arguments, "outputs.video", want.toFloats(), found);
        });
  }

  private static void assertLike(
      Golden.Arguments arguments, HunyuanVaeFixture vae, String name, Tensor found) {
    float[] expected = vae.golden().channelsLast(name).toFloats();
    float[] values = Golden.floats(vae.backend(), found);
    HunyuanVaeFixture.assertClose(arguments, name, expected, values);
  }

  /** Start pictures of several sizes: means, and latents as the transformer sees them. */
  @ParameterizedTest
  @MethodSource("pictures")
  void encodesPicturesLikeTheReference(Golden.Arguments arguments) {
    with(
        arguments,
        vae -> {
          HunyuanVaeEncoder encoder = new HunyuanVaeEncoder(vae.parameters(), vae.config());
          int channels = vae.config().latentChannels();
          for (int i = 0; vae.golden().has("outputs.case" + i + ".pixels"); i++) {
            String name = "outputs.case" + i + ".";
            Tensor pixels = vae.pixels(vae.golden().channelsLast(name + "pixels"));
            float[] moments = Golden.floats(vae.backend(), vae.encode(encoder, pixels, 1));
            float[] want = vae.golden().channelsLast(name + "latent").toFloats();
            float[] latents = encoder.latents(moments);
            HunyuanVaeFixture.assertClose(arguments, name + "latent", want, latents);
            float[] means = vae.golden().channelsLast(name + "latent_mean").toFloats();
            float[] found = new float[means.length];
            for (int e = 0; e < found.length; e++) {
              found[e] = moments[e / channels * 2 * channels + e % channels];
            }
            HunyuanVaeFixture.assertClose(arguments, name + "latent_mean", means, found);
          }
        });
  }

  /** Frame by frame gives the bits that all frames behind the first at once give. */
  @ParameterizedTest
  @MethodSource("casesOfProperties")
  void streamingIsBatch(Golden.Arguments arguments) {
    with(
        arguments,
        vae -> {
          HunyuanVaeDecoder decoder = new HunyuanVaeDecoder(vae.parameters(), vae.config());
          Tensor latents = vae.latents();
          int frames = latents.size(0);
          Tensor all = vae.decode(decoder, latents, HunyuanVaeFixture.atOnce(frames));
          Tensor each = vae.decode(decoder, latents, HunyuanVaeFixture.oneByOne(frames));
          assertArrayEquals(Golden.floats(vae.backend(), all), Golden.floats(vae.backend(), each));

          HunyuanVaeEncoder encoder = new HunyuanVaeEncoder(vae.parameters(), vae.config());
          Tensor video = vae.pixels(extended(vae.golden().channelsLast("inputs.video")));
          int ends = HunyuanVaeFixture.latentFrames(video);
          all = vae.encode(encoder, video, HunyuanVaeFixture.atOnce(ends));
          each = vae.encode(encoder, video, HunyuanVaeFixture.oneByOne(ends));
          assertArrayEquals(Golden.floats(vae.backend(), all), Golden.floats(vae.backend(), each));
        });
  }

  /** A decoder that takes over what another one remembers goes on with the same bytes. */
  @ParameterizedTest
  @MethodSource("cpuCases")
  void resumedIsUninterrupted(Golden.Arguments arguments) {
    with(
        arguments,
        vae -> {
          HunyuanVaeDecoder decoder = new HunyuanVaeDecoder(vae.parameters(), vae.config());
          Tensor latents = vae.latents();
          int side = HunyuanVaeConfig.SPATIAL_RATIO;
          Supplier<FrameDecoder> start =
              () ->
                  new WanFrameDecoder(
                      decoder::decode,
                      Golden.resources(vae.backend(), NoiseSource.NONE),
                      side * latents.size(1),
                      side * latents.size(2));
          FrameDecoder one = start.get();
          assertEquals(1, one.decode(latents.slice(0, 1), Trace.NONE).count());
          FrameDecoder other = start.get();
          SessionState.capture(vae.backend(), one).restore(vae.backend(), other);
          Tensor later = latents.slice(1, latents.size(0));
          VideoFrames expected = one.decode(later, Trace.NONE);
          assertEquals(4 * later.size(0), expected.count());
          assertArrayEquals(expected.rgb(), other.decode(later, Trace.NONE).rgb());
        });
  }

  /** A video with four frames more: those that stand behind its first one, once again. */
  private static Tensor extended(Tensor video) {
    float[] values = video.toFloats();
    int frame = values.length / video.size(0);
    float[] more = Arrays.copyOf(values, values.length + 4 * frame);
    System.arraycopy(values, frame, more, values.length, 4 * frame);
    return Tensor.of(more, video.size(0) + 4, video.size(1), video.size(2), video.size(3));
  }

  @ParameterizedTest
  @MethodSource("cpuCases")
  void refusesChunksThatAStreamDoesNotHave(Golden.Arguments arguments) {
    with(
        arguments,
        vae -> {
          HunyuanVaeDecoder decoder = new HunyuanVaeDecoder(vae.parameters(), vae.config());
          Tensor latents = vae.latents();
          assertRefused("1 frame at the start", () -> vae.decode(decoder, latents, 2));
          HunyuanVaeEncoder encoder = new HunyuanVaeEncoder(vae.parameters(), vae.config());
          Tensor video = vae.pixels(vae.golden().channelsLast("inputs.video"));
          assertRefused("1 frame at the start", () -> vae.encode(encoder, video, 2));
          FeatureCache cache = new FeatureCache(vae.backend(), vae.arena());
          Tensor out = vae.encode(encoder, video, 1).slice(0, 1);
          Tensor picture = video.slice(0, 1);
          encoder.encode(picture, cache, vae.workspace(), out, Trace.NONE);
          Tensor three = video.slice(1, 4);
          assertRefused(
              "a multiple of 4",
              () -> encoder.encode(three, cache, vae.workspace(), out, Trace.NONE));
          assertRefused("moments: expected a multiple", () -> encoder.latents(new float[3]));
        });
  }

  private static void assertRefused(String expected, Executable call) {
    IllegalArgumentException refused = assertThrows(IllegalArgumentException.class, call);
    assertTrue(refused.getMessage().contains(expected), refused.getMessage());
  }

  /** After both networks no tensor of the checkpoint is left over. */
  @ParameterizedTest
  @MethodSource("cpuCases")
  void everyTensorIsRead(Golden.Arguments arguments) {
    with(
        arguments,
        vae -> {
          Weights weights = vae.weights();
          Parameters parameters = Parameters.ofAutoencoder(weights, vae.backend(), vae.arena());
          new HunyuanVaeEncoder(parameters, vae.config());
          new HunyuanVaeDecoder(parameters, vae.config());
          weights.finish();
        });
  }
}
