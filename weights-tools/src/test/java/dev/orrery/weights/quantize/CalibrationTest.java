package dev.orrery.weights.quantize;

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
import dev.orrery.runtime.quantize.ScaleChoice;
import dev.orrery.runtime.trace.ActivationError;
import dev.orrery.weights.synthesize.SyntheticModel;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CalibrationTest {
  @TempDir Path root;

  @Test
  void findsHowFarAQuantisedModelIs() throws IOException {
    Path model = root.resolve("model");
    SyntheticModel.write(MatrixGame2.FAMILY, SyntheticScale.TINY, 1, model, Progress.NONE);
    Path made = root.resolve("made");
    ModelQuantization.make(
        model,
        new CheckpointQuantization(Families.ALL, Quantization.INT8, ScaleChoice.ABS_MAX, List.of()),
        made,
        Progress.NONE);
    try (CpuBackend backend = CpuBackend.simd(1)) {
      List<SessionComparison> comparisons =
          calibration(model).compare(Families.ALL.open(made), backend, 2, Progress.NONE);
      assertEquals(2, comparisons.size());
      for (ActivationError layer : comparisons.getFirst().layers()) {
        // Eight bits of a row: between what rounding must change and 1/127 of the largest value.
        assertTrue(layer.relativeL2() > 1e-4 && layer.relativeL2() < 0.02, layer.toString());
      }
      assertEquals(
          List.of("step0.block0.out", "step0.block1.out"),
          comparisons.getFirst().layers().stream().map(ActivationError::name).toList());
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
      // A world begins with a prompt where the family takes one, with an image or several
      // elsewhere.
      Path needed =
          Stream.of("text_encoder", "start.png", "start")
              .map(model::resolve)
              .filter(Files::exists)
              .findFirst()
              .orElseThrow();
      Files.move(needed, root.resolve(family.id() + ".away"));
      CheckpointException e =
          assertThrows(CheckpointException.class, () -> calibration(model).requireStart());
      assertTrue(e.getMessage().startsWith(model + ": expected something to start"), e.toString());
    }
  }

  private static Calibration calibration(Path model) {
    return new Calibration(model, Families.ALL.open(model));
  }
}
