package dev.orrery.weights.compare;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.model.Families;
import dev.orrery.model.family.ModelFamily;
import dev.orrery.model.family.ModelFolder;
import dev.orrery.model.family.NetworkWeights;
import dev.orrery.model.family.SyntheticScale;
import dev.orrery.model.oasis.Oasis;
import dev.orrery.model.session.LatentDecoder;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.VideoFrames;
import dev.orrery.model.session.WorldModel;
import dev.orrery.model.session.WorldSession;
import dev.orrery.model.worldplay.WorldPlay;
import dev.orrery.runtime.checkpoint.JsonValue;
import dev.orrery.runtime.media.Psnr;
import dev.orrery.weights.synthesize.SyntheticCheckpoint;
import dev.orrery.weights.synthesize.SyntheticModel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DecoderComparisonTest {
  @TempDir Path root;

  private ModelFolder model(ModelFamily family, Path folder) throws IOException {
    SyntheticModel.write(family, SyntheticScale.TINY, 1, folder, Progress.NONE);
    return Families.ALL.open(folder);
  }

  /** Frame by frame, and of all together as of one long picture. */
  @Test
  void measuresWhatEachDecoderMakes() throws IOException {
    Path folder = root.resolve("world");
    model(WorldPlay.FAMILY, folder);
    Path config = folder.resolve("config.json");
    String settings = Files.readString(config);
    Files.writeString(
        config,
        settings.substring(0, settings.lastIndexOf('}'))
            + ", \"decoder\": \"vae\", \"taehv\": {\"widths\": [8, 8, 4, 4]}}");
    ModelFolder own = Families.ALL.open(folder);
    ModelFolder tiny = own.withDecoder(LatentDecoder.TAEHV);
    NetworkWeights<?> network =
        tiny.networks().stream()
            .filter(each -> each.name().equals("tiny decoder"))
            .findFirst()
            .orElseThrow();
    SyntheticCheckpoint.write(
        network.checkpoint(), network.tensors(DType.BF16), 1, Map.of(), written -> {});
    try (Backend backend = CpuBackend.simd(2)) {
      SampleStart sample = new SampleStart(folder, own);
      DecoderComparison found = DecoderComparison.of(sample, backend, 1, Progress.NONE);
      VideoFrames one = frames(own, sample, backend);
      VideoFrames other = frames(tiny, sample, backend);
      assertEquals(one.count(), found.frames().size());
      for (int i = 0; i < one.count(); i++) {
        byte[] expected = one.image(i).rgb();
        byte[] actual = other.image(i).rgb();
        assertEquals(
            Psnr.decibels(expected, actual), found.frames().get(i).decibels(), 1e-9, "frame " + i);
        assertEquals(mean(expected, actual), found.frames().get(i).mean(), 1e-9, "frame " + i);
      }
      assertEquals(Psnr.decibels(one.rgb(), other.rgb()), found.together().decibels(), 1e-9);
      assertEquals(mean(one.rgb(), other.rgb()), found.together().mean(), 1e-9);
      assertEquals(one.count() + 3, found.text().lines().count());
      JsonValue json = JsonValue.parse("report", found.json().getBytes(StandardCharsets.UTF_8));
      assertEquals(found.together().mean(), json.get("all").number("mean"));
    }
  }

  private static VideoFrames frames(ModelFolder model, SampleStart sample, Backend backend)
      throws IOException {
    try (WorldModel world = model.load(backend);
        WorldSession session = world.start(sample.read(backend, Progress.NONE), Progress.NONE)) {
      return session.step(sample.action());
    }
  }

  private static double mean(byte[] expected, byte[] actual) {
    double sum = 0;
    for (int i = 0; i < expected.length; i++) {
      sum += Math.abs((expected[i] & 0xff) - (actual[i] & 0xff));
    }
    return sum / expected.length;
  }

  @Test
  void equalFramesHaveNoNumber() {
    DecoderComparison.Difference none =
        new DecoderComparison.Difference(Double.POSITIVE_INFINITY, 0);
    String json = new DecoderComparison("a model", List.of(none), none).json();
    JsonValue told = JsonValue.parse("report", json.getBytes(StandardCharsets.UTF_8));
    assertTrue(!told.get("all").has("psnr"), "an infinite number is no JSON");
  }

  @Test
  void aModelWithOneDecoderIsRefused() throws IOException {
    Path folder = root.resolve("oasis");
    SampleStart sample = new SampleStart(folder, model(Oasis.FAMILY, folder));
    try (Backend backend = CpuBackend.simd(1)) {
      assertEquals(
          "expected vae, the only one that models of this family have, found taehv",
          assertThrows(
                  IllegalArgumentException.class,
                  () -> DecoderComparison.of(sample, backend, 1, Progress.NONE))
              .getMessage());
    }
  }
}
