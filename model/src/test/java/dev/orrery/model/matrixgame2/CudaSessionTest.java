package dev.orrery.model.matrixgame2;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.CudaBackend;
import dev.orrery.kernels.cuda.CudaTestDevice;
import dev.orrery.model.golden.QuantizedForm;
import dev.orrery.model.session.Action;
import dev.orrery.model.session.ActionScript;
import dev.orrery.model.session.MemoryPlan;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.VideoFrames;
import dev.orrery.model.session.WorldModel;
import dev.orrery.model.session.WorldSession;
import dev.orrery.runtime.media.RgbImage;
import dev.orrery.runtime.quantize.ScaleChoice;
import java.io.ByteArrayOutputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Whole sessions on a GPU, with batches replayed as graphs and decoding on a stream of its own. */
class CudaSessionTest {
  private static final int ROWS = 16;
  private static final int COLUMNS = 32;
  private static final int BLOCKS = 3;

  @TempDir Path folder;

  @Test
  void everyWayToPlayGivesTheSameBytes() throws Exception {
    new TinyModel(Variant.UNIVERSAL, ROWS, COLUMNS).write(folder);
    try (CudaBackend backend = CudaTestDevice.openForModels();
        WorldModel model = MatrixGame2.load(folder, backend, Progress.NONE)) {
      ActionScript script =
          ActionScript.parse("w*12 w+l*9 q*6 a+i*20", model.actionSpace().controls());
      byte[] steps = steps(model, script);
      assertArrayEquals(steps, steps(model, script), "a second session");
      ByteArrayOutputStream rollout = new ByteArrayOutputStream();
      int frames = steps.length / (ROWS * COLUMNS * 3);
      try (WorldSession session = model.start(image(), 1, Progress.NONE)) {
        session.rollout(script::at, frames, Progress.NONE, part -> rollout.writeBytes(part.rgb()));
      }
      assertArrayEquals(steps, rollout.toByteArray(), "a rollout");
    }
  }

  static Stream<QuantizedForm> quantizedForms() {
    return Stream.of(
        QuantizedForm.INT8, QuantizedForm.FP8, QuantizedForm.int4(32, ScaleChoice.ABS_MAX));
  }

  /** What a loaded model and a session take on the device is what was planned, to the byte. */
  @Test
  void takesTheMemoryThatWasPlanned() throws Exception {
    new TinyModel(Variant.UNIVERSAL, ROWS, COLUMNS).write(folder);
    assertTakesWhatWasPlanned();
  }

  @ParameterizedTest
  @MethodSource("quantizedForms")
  void quantizedItTakesTheMemoryThatWasPlanned(QuantizedForm form) throws Exception {
    TinyModel model = new TinyModel(Variant.UNIVERSAL, ROWS, COLUMNS, 64, 96);
    model.write(folder);
    MemoryPlan whole = MatrixGame2.open(folder).plan(CudaBackend.planned());
    model.quantize(form);
    model.write(folder);
    MemoryPlan plan = assertTakesWhatWasPlanned();
    assertTrue(plan.copiedWeights() < whole.copiedWeights(), () -> plan + " against " + whole);
  }

  private MemoryPlan assertTakesWhatWasPlanned() throws Exception {
    MemoryPlan plan = MatrixGame2.open(folder).plan(CudaBackend.planned());
    try (CudaBackend backend = CudaTestDevice.openForModels()) {
      long before = backend.device().freeMemory();
      try (WorldModel model = MatrixGame2.load(folder, backend, Progress.NONE)) {
        assertPlanned(plan.copiedWeights(), before - backend.device().freeMemory());
        try (WorldSession session = model.start(image(), 1, Progress.NONE)) {
          for (int block = 0; block < 2; block++) {
            session.step(model.actionSpace().controls().action(Set.of("w")));
            assertPlanned(
                plan.copiedWeights() + plan.session() + plan.workspace(),
                before - backend.device().freeMemory());
          }
        }
      }
      assertEquals(before, backend.device().freeMemory(), "not given back");
    }
    return plan;
  }

  /** A real driver rounds every allocation up; the emulated one counts bytes. */
  private static void assertPlanned(long planned, long found) {
    long rounding = Boolean.getBoolean("requireGpu") ? 64 << 20 : 64;
    assertTrue(
        found >= planned && found <= planned + rounding,
        "planned " + planned + " bytes, found " + found);
  }

  private static byte[] steps(WorldModel model, ActionScript script) throws Exception {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (WorldSession session = model.start(image(), 1, Progress.NONE)) {
      int done = 0;
      while (session.chunk() < BLOCKS) {
        List<Action> actions = new ArrayList<>();
        for (int i = 0; i < session.nextFrames(); i++) {
          actions.add(script.at(done + i));
        }
        VideoFrames frames = session.step(actions, Progress.NONE);
        done += frames.count();
        bytes.writeBytes(frames.rgb());
      }
    }
    return bytes.toByteArray();
  }

  private static RgbImage image() throws Exception {
    return RgbImage.read(DemoWorldGoldenTest.FOLDER.resolve("start.png"));
  }
}
