package dev.orrery.weights.quantize;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.model.Families;
import dev.orrery.model.family.ModelFamily;
import dev.orrery.model.family.SyntheticScale;
import dev.orrery.model.matrixgame2.MatrixGame2;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.SessionComparison;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.JsonValue;
import dev.orrery.runtime.checkpoint.Quantization;
import dev.orrery.runtime.media.RgbImage;
import dev.orrery.runtime.quantize.ScaleChoice;
import dev.orrery.runtime.trace.ActivationError;
import dev.orrery.weights.synthesize.SyntheticModel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CalibrationTest {
  @TempDir Path root;

  @Test
  void tellsHowFarAQuantisedModelIs() throws IOException {
    Path model = root.resolve("model");
    SyntheticModel.write(MatrixGame2.FAMILY, SyntheticScale.TINY, 1, model, Progress.NONE);
    Path made = root.resolve("made");
    ModelQuantization.make(
        model,
        new CheckpointQuantization(Families.ALL, Quantization.INT8, ScaleChoice.ABS_MAX, List.of()),
        made,
        Progress.NONE);
    try (CpuBackend backend = CpuBackend.simd(1)) {
      List<SessionComparison> drifts =
          calibration(model).compare(Families.ALL.open(made), backend, 2, Progress.NONE);
      assertEquals(2, drifts.size());
      for (ActivationError layer : drifts.getFirst().layers()) {
        // Eight bits of a row: between what rounding must change and 1/127 of the largest value.
        assertTrue(layer.relativeL2() > 1e-4 && layer.relativeL2() < 0.02, layer.toString());
      }
      assertEquals(
          List.of("step0.block0.out", "step0.block1.out"),
          drifts.getFirst().layers().stream().map(ActivationError::name).toList());
      List<SessionComparison> same =
          calibration(model).compare(Families.ALL.open(model), backend, 1, Progress.NONE);
      assertEquals(Double.POSITIVE_INFINITY, same.getFirst().decibels());
      assertTrue(same.getFirst().layers().stream().allMatch(layer -> layer.relativeL2() == 0));
      String json = new QuantizationReport("int8", List.of(), same).json();
      JsonValue block =
          JsonValue.parse("report", json.getBytes(StandardCharsets.UTF_8))
              .get("video_blocks")
              .asList()
              .getFirst();
      assertEquals(2, block.get("layers").asList().size());
      assertTrue(!block.has("psnr"), "an infinite number is no JSON");
    }
  }

  @Test
  void whatASessionStartsFromMustBeThere() throws IOException {
    for (ModelFamily family : Families.ALL.list()) {
      Path model = root.resolve(family.id());
      SyntheticModel.write(family, SyntheticScale.TINY, 1, model, Progress.NONE);
      calibration(model).requireStart();
      if (family == MatrixGame2.FAMILY) {
        Files.delete(model.resolve("start.png"));
      } else {
        Files.move(model.resolve("text_encoder"), root.resolve("away"));
      }
      CheckpointException e =
          assertThrows(CheckpointException.class, () -> calibration(model).requireStart());
      assertTrue(e.getMessage().startsWith(model + ": expected something to start"), e.toString());
    }
  }

  /** The last point of a rising line stands higher than the first, in the colour of its block. */
  @Test
  void linesRiseWithTheDrift() {
    List<SessionComparison> drifts = List.of(drift(0, 0.01, 31.5), drift(1, 0.03, 24.25));
    RgbImage picture = ErrorPlot.draw(drifts);
    int[] blue = rows(picture, 0x1f, 0x77, 0xb4);
    int[] orange = rows(picture, 0xd6, 0x5f, 0x0e);
    assertTrue(blue[0] > blue[1] + 40, blue[0] + " to " + blue[1]);
    assertTrue(orange[1] < blue[1] - 40, orange[1] + " above " + blue[1]);
    assertArrayEquals(picture.rgb(), ErrorPlot.draw(drifts).rgb());
    ErrorPlot.draw(List.of(drift(0, 0, Double.POSITIVE_INFINITY)));
  }

  private static SessionComparison drift(int block, double slope, double decibels) {
    List<ActivationError> layers =
        IntStream.range(0, 30)
            .mapToObj(i -> new ActivationError("step0.block" + i + ".out", 1, slope * (i + 1) / 30))
            .toList();
    return new SessionComparison(block, layers, decibels);
  }

  /** The middle rows of a colour near the left and near the right end of the lines. */
  private static int[] rows(RgbImage picture, int red, int green, int blue) {
    int[] found = new int[2];
    int[] columns = {76 + 8, 640 - 96 - 8};
    for (int end = 0; end < 2; end++) {
      for (int y = 0; y < picture.height(); y++) {
        int at = 3 * (y * picture.width() + columns[end]);
        byte[] rgb = picture.rgb();
        if ((rgb[at] & 255) == red && (rgb[at + 1] & 255) == green && (rgb[at + 2] & 255) == blue) {
          found[end] = y;
        }
      }
    }
    return found;
  }

  private static Calibration calibration(Path model) {
    return new Calibration(model, Families.ALL.open(model));
  }
}
