package dev.orrery.model.genie1x;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.Start;
import dev.orrery.model.session.SyntheticWorld;
import dev.orrery.model.session.TokenFrames;
import dev.orrery.model.session.UnusableStartException;
import dev.orrery.model.session.WorldModel;
import dev.orrery.model.session.WorldSession;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.SafetensorsFile;
import dev.orrery.runtime.checkpoint.SafetensorsWriter;
import java.io.ByteArrayOutputStream;
import java.lang.foreign.ValueLayout;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Worlds that start from images, or from their tokens. */
class Genie1xStartTest {
  private static final int FRAMES = 5;
  private static final long SEED = 7;

  @TempDir static Path modelFolder;

  private static SyntheticWorld tiny;

  @TempDir Path folder;

  private final Backend backend = CpuBackend.simd(1);
  private WorldModel model;

  @BeforeAll
  static void write() throws Exception {
    tiny = SyntheticWorld.write(Genie1x.FAMILY, modelFolder, "");
  }

  @BeforeEach
  void load() {
    model = tiny.load(backend);
  }

  @AfterEach
  void close() {
    model.close();
    backend.close();
  }

  private static byte[] play(WorldModel model, WorldSession session) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    for (int frame = 0; frame < FRAMES; frame++) {
      bytes.writeBytes(session.step(model.actionSpace().action(model.actionSpace().rest())).rgb());
    }
    return bytes.toByteArray();
  }

  private byte[] play(TokenFrames tokens) {
    try (WorldSession session = model.start(Start.of(tokens, SEED), Progress.NONE)) {
      return play(model, session);
    }
  }

  /** The tokens that a session started from. */
  private int[] tokens(WorldSession session) {
    Path saved = folder.resolve("saved.safetensors");
    session.save(saved, Progress.NONE);
    try (SafetensorsFile file = SafetensorsFile.open(saved)) {
      return file.bytes("condition.ids").toArray(ValueLayout.JAVA_INT_UNALIGNED);
    }
  }

  /** Those of the images give what the images give, and other ones something else. */
  @Test
  void tokensStandForImages() {
    byte[] expected;
    int[] ids;
    try (WorldSession session = tiny.start(model, 2, SEED)) {
      ids = tokens(session);
      expected = play(model, session);
    }
    assertEquals(2 * 16, ids.length);
    assertFalse(
        Arrays.equals(Arrays.copyOf(ids, 16), Arrays.copyOfRange(ids, 16, 32)),
        "two images with the same tokens");
    assertArrayEquals(expected, play(new TokenFrames(2, 4, 4, ids)));
    int[] others = ids.clone();
    others[31] ^= 1;
    assertFalse(Arrays.equals(expected, play(new TokenFrames(2, 4, 4, others))));
  }

  @Test
  void otherStartsAreRefused() {
    for (int images : new int[] {0, 1, 3}) {
      assertEquals(
          "start: expected 2 images or tokens, found " + images,
          assertThrows(UnusableStartException.class, () -> tiny.start(model, images, SEED))
              .getMessage());
    }
    assertRefused(
        new TokenFrames(1, 4, 4, new int[16]),
        "tokens: expected 2 frames of 4x4 ids, found 1 of 4x4");
    assertRefused(
        new TokenFrames(2, 2, 8, new int[32]),
        "tokens: expected 2 frames of 4x4 ids, found 2 of 2x8");
    int[] ids = IntStream.range(0, 32).toArray();
    ids[21] = 64;
    assertRefused(
        new TokenFrames(2, 4, 4, ids),
        "tokens: expected ids of 0 to 63, found 64 in frame 1, row 1, column 1");
    ids[21] = -1;
    assertRefused(
        new TokenFrames(2, 4, 4, ids),
        "tokens: expected ids of 0 to 63, found -1 in frame 1, row 1, column 1");
  }

  private void assertRefused(TokenFrames tokens, String message) {
    assertEquals(
        message, assertThrows(UnusableStartException.class, () -> play(tokens)).getMessage());
  }

  /** The number of passes is the folder's, or the one that is asked for. */
  @Test
  void otherStepsGiveOtherFrames() {
    byte[] expected;
    try (WorldSession session = tiny.start(model, 2, SEED)) {
      expected = play(model, session);
    }
    for (int steps : List.of(3, 1)) {
      try (WorldModel other =
              Genie1x.open(tiny.folder()).withSteps(steps).load(backend, Progress.NONE);
          WorldSession session = tiny.start(other, 2, SEED)) {
        assertEquals(steps == 3, Arrays.equals(expected, play(other, session)), steps + " steps");
      }
    }
  }

  @Test
  void aCheckpointOfTheOtherGenieIsRefused() throws Exception {
    for (String file : List.of("config.json", "magvit2.safetensors")) {
      Files.copy(tiny.folder().resolve(file), folder.resolve(file));
    }
    Path file = folder.resolve("model.safetensors");
    SafetensorsWriter.write(
        file, Map.of("dynamics.mask_token", Tensor.of(new float[4], 1, 1, 1, 4)), Map.of());
    assertEquals(
        file + ": tensor token_embed.mask_token_embed: expected shape [1, 32], but missing",
        assertThrows(
                CheckpointException.class,
                () -> Genie1x.open(folder).load(backend, Progress.NONE).close())
            .getMessage());
  }
}
