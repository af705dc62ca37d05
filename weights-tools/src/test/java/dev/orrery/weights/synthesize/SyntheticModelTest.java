package dev.orrery.weights.synthesize;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.model.Families;
import dev.orrery.model.camera.PoseString;
import dev.orrery.model.family.ModelFamily;
import dev.orrery.model.family.SyntheticScale;
import dev.orrery.model.matrixgame2.MatrixGame2;
import dev.orrery.model.session.Action;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.Start;
import dev.orrery.model.session.VideoFrames;
import dev.orrery.model.session.WorldModel;
import dev.orrery.model.session.WorldSession;
import dev.orrery.model.text.EncodedPrompt;
import dev.orrery.model.worldplay.CameraMotion;
import dev.orrery.model.worldplay.WorldPlay;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.media.RgbImage;
import dev.orrery.weights.verify.Manifest;
import dev.orrery.weights.verify.Verification;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class SyntheticModelTest {
  @TempDir Path folder;

  @Test
  void matrixGame2Plays() throws IOException {
    Path made = make(MatrixGame2.FAMILY, 3);
    try (CpuBackend backend = CpuBackend.simd(2);
        WorldModel model = MatrixGame2.load(made, backend, Progress.NONE);
        WorldSession session =
            model.start(RgbImage.read(made.resolve("start.png")), 1, Progress.NONE)) {
      assertMoves(9, session.step(model.actionSpace().controls().action(Set.of("w"))));
    }
  }

  @Test
  void worldPlayEncodesAPromptAndPlays() throws IOException {
    Path made = make(WorldPlay.FAMILY, 3);
    try (CpuBackend backend = CpuBackend.simd(2)) {
      EncodedPrompt prompt =
          WorldPlay.open(made)
              .prompts()
              .orElseThrow()
              .encode("A castle by a lake", backend, Progress.NONE);
      assertEquals(Optional.empty(), prompt.warning());
      // A token for each character, one blank in front, and the end token.
      assertEquals(20, prompt.tensor("features").size(0));
      try (WorldModel model = WorldPlay.load(made, backend, Progress.NONE);
          WorldSession session = model.start(Start.of(prompt, 1), Progress.NONE)) {
        Action action =
            model
                .actionSpace()
                .camera()
                .orElseThrow()
                .along(CameraMotion.path(PoseString.parse("w-3")))
                .apply(0);
        assertMoves(13, session.step(action));
      }
    }
  }

  private static void assertMoves(int count, VideoFrames frames) {
    assertEquals(count, frames.count());
    int frame = frames.rgb().length / count;
    byte[] first = Arrays.copyOf(frames.rgb(), frame);
    byte[] last = Arrays.copyOfRange(frames.rgb(), (count - 1) * frame, count * frame);
    assertFalse(Arrays.equals(first, last));
  }

  static Stream<ModelFamily> families() {
    return Families.ALL.list().stream();
  }

  @ParameterizedTest
  @MethodSource("families")
  void theSameSeedGivesTheSameBytes(ModelFamily family) throws IOException {
    Manifest once = Manifest.of(make(family, 5), null, Progress.NONE);
    Manifest again = Manifest.of(make(family, 5), null, Progress.NONE);
    assertEquals(once, again);
    Manifest other = Manifest.of(make(family, 6), null, Progress.NONE);
    long drawn =
        once.digests().keySet().stream().filter(n -> n.matches(".*\\.(safetensors|png)")).count();
    long differ =
        once.digests().entrySet().stream()
            .filter(entry -> !other.digests().get(entry.getKey()).equals(entry.getValue()))
            .count();
    assertEquals(drawn, differ, "all weights and images");
  }

  @ParameterizedTest
  @MethodSource("families")
  void nothingIsWrongWithIt(ModelFamily family) throws IOException {
    Path made = make(family, 1);
    assertEquals(family, Families.ALL.of(made));
    Verification verification =
        Verification.of(made, Families.ALL, Optional.empty(), Progress.NONE);
    assertEquals(List.of(), verification.faults());
    assertEquals(Optional.of(family), verification.family());
  }

  /**
   * Of Matrix-Game 2.0 universal, of WorldPlay with its additions, of jafar what is played with.
   */
  private static final Map<String, Long> RELEASED_PARAMETERS =
      Map.of(
          "matrix-game-2", 1_619_242_304L,
          "worldplay-wan5b", 5_293_225_152L,
          "worldplay-hy8b", 8_557_933_856L,
          "oasis", 607_943_792L - 48,
          "genie-1xgpt", 35_218_688L,
          "genie-jafar", 67_725_232L,
          "vid2world", 1_438_854_980L + 2_066_880);

  /** The sizes that are too large to be made in a test: the configurations are of a model. */
  @ParameterizedTest
  @MethodSource("families")
  void releasedSizesAreThoseOfTheRelease(ModelFamily family) throws IOException {
    Path made = folder.resolve("released");
    Progress cancelling =
        (what, done, total) -> {
          long parameters =
              family
                  .open(partOf(made))
                  .networks()
                  .getFirst()
                  .tensors(dev.orrery.kernels.tensor.DType.F32)
                  .stream()
                  .mapToLong(tensor -> tensor.shape().elements())
                  .sum();
          assertEquals(RELEASED_PARAMETERS.get(family.id()), parameters);
          throw new CancellationException();
        };
    assertThrows(
        CancellationException.class,
        () -> SyntheticModel.write(family, SyntheticScale.RELEASED, 1, made, cancelling));
    try (Stream<Path> files = Files.list(folder)) {
      assertEquals(List.of(), files.toList());
    }
  }

  @Test
  void foldersInUseAreRefused() throws IOException {
    Path made = make(MatrixGame2.FAMILY, 1);
    IOException refusal =
        assertThrows(
            IOException.class,
            () ->
                SyntheticModel.write(
                    MatrixGame2.FAMILY, SyntheticScale.TINY, 1, made, Progress.NONE));
    assertEquals(made + ": the folder is not empty", refusal.getMessage());
    // A VAE beside the folder would be taken for the model's own.
    CheckpointException beside =
        assertThrows(
            CheckpointException.class,
            () ->
                SyntheticModel.write(
                    MatrixGame2.FAMILY,
                    SyntheticScale.TINY,
                    1,
                    made.resolve("inner"),
                    Progress.NONE));
    assertTrue(beside.getMessage().contains("choose another folder"), beside.getMessage());
    assertTrue(Files.notExists(made.resolve("inner")));
  }

  private Path partOf(Path made) {
    try (Stream<Path> files = Files.list(made.getParent())) {
      return files.filter(file -> file.toString().endsWith(".part")).findFirst().orElseThrow();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private Path make(ModelFamily family, long seed) throws IOException {
    Path made = Files.createTempDirectory(folder, "made");
    SyntheticModel.write(family, SyntheticScale.TINY, seed, made, Progress.NONE);
    return made;
  }
}
