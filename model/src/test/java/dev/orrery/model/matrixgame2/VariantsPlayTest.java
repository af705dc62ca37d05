package dev.orrery.model.matrixgame2;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.model.session.ActionScript;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.WorldModel;
import dev.orrery.model.session.WorldSession;
import dev.orrery.runtime.media.RgbImage;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Every variant, with random weights, plays alike on all backends. */
class VariantsPlayTest {
  private static final int BLOCKS = 3;

  @TempDir Path folder;

  private static RgbImage image() {
    byte[] rgb = new byte[3 * 70 * 50];
    new Random(3).nextBytes(rgb);
    return new RgbImage(70, 50, rgb);
  }

  private byte[] play(Backend backend, String script) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (backend;
        WorldModel model = MatrixGame2.load(folder, backend, Progress.NONE);
        WorldSession session = model.start(image(), 11, Progress.NONE)) {
      ActionScript actions = ActionScript.parse(script, model.actionSpace().controls());
      int done = 0;
      for (int block = 0; block < BLOCKS; block++) {
        int first = done;
        int count = session.nextFrames();
        bytes.writeBytes(
            session
                .step(
                    IntStream.range(first, first + count).mapToObj(actions::at).toList(),
                    Progress.NONE)
                .rgb());
        done += count;
      }
    }
    return bytes.toByteArray();
  }

  /** Windows of six frames and, of gta_drive, of four; without a mouse in templerun. */
  @ParameterizedTest
  @CsvSource({
    "UNIVERSAL, 32, 48, w*5 w+l*6 a+i*12, s*30",
    "GTA_DRIVE, 32, 48, w*5 w+a*6 s*12, q*30",
    "TEMPLERUN, 32, 48, w*5 z*6 d*12, q*30",
    "UNIVERSAL, 64, 32, w*5 w+l*6 a+i*12, s*30",
    "TEMPLERUN, 16, 16, w*5 z*6 d*12, q*30",
  })
  void playsAlikeEverywhere(
      Variant variant, int rows, int columns, String script, String otherScript) throws Exception {
    new TinyModel(variant, rows, columns).write(folder);
    byte[] expected = play(CpuBackend.reference(2), script);
    assertEquals((9 + 12 + 12) * rows * columns * 3, expected.length);
    assertTrue(
        IntStream.range(0, expected.length).map(i -> expected[i]).distinct().count() > 150,
        "the images are flat");
    byte[] one = play(CpuBackend.simd(1), script);
    assertArrayEquals(one, play(CpuBackend.simd(2), script), "two threads");
    int different = 0;
    for (int i = 0; i < expected.length; i++) {
      int difference = Math.abs((expected[i] & 255) - (one[i] & 255));
      assertTrue(difference <= 1, "byte " + i + " differs by " + difference);
      different += difference;
    }
    assertTrue(
        different <= expected.length / 1000, different + " of " + expected.length + " differ");
    assertFalse(Arrays.equals(one, play(CpuBackend.simd(2), otherScript)), "actions do nothing");
  }
}
