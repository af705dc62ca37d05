package dev.orrery.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.model.Families;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.WorldModel;
import dev.orrery.model.session.WorldSession;
import dev.orrery.runtime.checkpoint.TensorSpec;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The report of a model, on the CPU and with the demo world; only speed is another matter. */
class GpuModelReportTest {
  private static final Path ROOT = Path.of(System.getProperty("project.root"));

  @Test
  void playsAndTellsThePartsOfABlock() {
    try (Backend backend = CpuBackend.simd(2);
        WorldModel model =
            Families.ALL.open(ROOT.resolve("models/demo-world")).load(backend, Progress.NONE)) {
      GpuModelReport report = new GpuModelReport(model, backend);
      GpuModelReport.Played cold = report.play(0, 1);
      assertEquals(model.framesOfChunk(0), cold.firstFrames());
      assertEquals(0, cold.framesPerSecond());
      assertTrue(cold.startSeconds() > 0 && cold.firstSeconds() > cold.startSeconds());

      GpuModelReport.Played played = report.play(1, 2);
      assertTrue(played.framesPerSecond() > 0, played::toString);

      List<GpuModelReport.Stage> stages;
      try (WorldSession session = report.start()) {
        stages = report.stages(session, 1, 1);
      }
      List<String> names = stages.stream().map(GpuModelReport.Stage::name).toList();
      assertEquals(List.of("conditioning", "denoising pass 1"), names.subList(0, 2));
      assertEquals(
          List.of("decoding", "completing"), names.subList(names.size() - 2, names.size()));
      stages.forEach(stage -> assertTrue(stage.milliseconds() > 0, stage::toString));
    }
  }

  /** 1.62 billion parameters in the transformer, as the released one has. */
  @Test
  void theSyntheticModelHasTheReleasedTensors() {
    long parameters =
        ReleasedModel.tensors(ROOT, "dit.universal").stream()
            .map(TensorSpec::shape)
            .mapToLong(shape -> shape.elements())
            .sum();
    assertEquals(1_619_242_304, parameters);
  }
}
