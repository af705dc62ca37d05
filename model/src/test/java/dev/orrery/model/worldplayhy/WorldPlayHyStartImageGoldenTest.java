package dev.orrery.model.worldplayhy;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.model.family.MomentaryPart;
import dev.orrery.model.golden.Golden;
import dev.orrery.model.hunyuanvae.HunyuanVaeConfig;
import dev.orrery.model.hunyuanvae.HunyuanVaeEncoder;
import dev.orrery.model.hunyuanvae.HunyuanVaeFixture;
import dev.orrery.model.layers.Parameters;
import dev.orrery.model.session.ImageResizer;
import dev.orrery.model.session.StartResources;
import dev.orrery.model.siglip.ImageBucket;
import dev.orrery.model.worldplay.WorldPlayStartImage;
import dev.orrery.runtime.checkpoint.JsonValue;
import dev.orrery.runtime.checkpoint.Weights;
import dev.orrery.runtime.media.RgbImage;
import dev.orrery.runtime.memory.Workspace;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The picture of a start, from its bytes to what goes in beside the latents. */
class WorldPlayHyStartImageGoldenTest {
  private static final double LIMIT = 1e-5;

  static List<Golden.Arguments> cases() {
    return Golden.cases("worldplay-hy8b", "image");
  }

  @ParameterizedTest
  @MethodSource("cases")
  void isThatOfTheReference(Golden.Arguments arguments) {
    try (Golden golden = arguments.golden();
        Backend backend = arguments.backend();
        TensorArena arena = backend.newArena()) {
      HunyuanVaeConfig vae = HunyuanVaeFixture.config(golden.config());
      Parameters p = Parameters.ofAutoencoder(Weights.of(golden.weights("vae.")), backend, arena);
      MomentaryPart<HunyuanVaeEncoder> encoder =
          new MomentaryPart<>(p, part -> new HunyuanVaeEncoder(part, vae));
      Workspace workspace = Workspace.of(arena, Golden.AMPLE);
      List<JsonValue> cases = golden.config().get("cases").asList();
      assertFalse(cases.isEmpty(), "no pictures in the fixture");
      for (int i = 0; i < cases.size(); i++) {
        int width = cases.get(i).asList().get(2).asInt();
        int height = cases.get(i).asList().get(3).asInt();
        RgbImage picture =
            new RgbImage(
                cases.get(i).asList().get(0).asInt(),
                cases.get(i).asList().get(1).asInt(),
                golden.bytes("inputs.case" + i + ".rgb8"));
        String outputs = "outputs.case" + i + ".";
        ImageBucket bucket = ImageBucket.of(picture.height(), picture.width());
        assertArrayEquals(
            golden.longs(outputs + "default_height_width"),
            new long[] {bucket.height(), bucket.width()});
        assertArrayEquals(
            golden.channelsLast(outputs + "pixels").toFloats(),
            WorldPlayStartImage.normalised(ImageResizer.cover(picture, height, width, backend))
                .toFloats(),
            1e-6f,
            outputs + "pixels");
        WorldPlayHyConfig config =
            new WorldPlayHyConfig(height, width, null, vae, null, null, Optional.empty(), 1);
        WorldPlayHyNetworks networks = new WorldPlayHyNetworks(null, encoder, null, null);
        float[] latent =
            new WorldPlayHyStartEncoder(config, networks, backend)
                .latent(picture, new StartResources(backend, arena, workspace));
        double limit = arguments.isGpu() ? Golden.GPU_LIMIT : LIMIT;
        float[] expected = golden.channelsLast(outputs + "latent").toFloats();
        Golden.assertRelative(outputs + "latent", expected, latent, limit);
        assertCondition(golden, outputs + "cond_latents", latent, vae.latentChannels(), limit);
      }
    }
  }

  /** The latent and a mask of ones in the first frame, zeros in all others. */
  private static void assertCondition(
      Golden golden, String name, float[] latent, int channels, double limit) {
    float[] condition = golden.channelsLast(name).toFloats();
    float[] found = new float[condition.length];
    WorldPlayHyGenerator.condition(latent, channels, found);
    Golden.assertRelative(name, condition, found, limit);
    int mask = latent.length / channels * (channels + 1) - 1;
    assertEquals(1, condition[mask], name);
  }
}
