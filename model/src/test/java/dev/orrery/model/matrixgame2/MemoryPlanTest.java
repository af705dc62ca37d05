package dev.orrery.model.matrixgame2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.backend.PlanningBackend;
import dev.orrery.model.session.Action;
import dev.orrery.model.session.CountingBackend;
import dev.orrery.model.session.MemoryPlan;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.WorldModel;
import dev.orrery.model.session.WorldSession;
import dev.orrery.runtime.media.RgbImage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What the plan of the demo model says against what the model then holds. */
class MemoryPlanTest {
  private static final Path FOLDER = DemoWorldGoldenTest.FOLDER;

  @Test
  void holdsWhatWasPlanned() throws Exception {
    MemoryPlan plan = MatrixGame2.open(FOLDER).plan(PlanningBackend.cpu());
    long stored = 0;
    for (String stem : new String[] {"dit", "vae", "image_encoder"}) {
      stored += Files.size(FOLDER.resolve(stem + ".safetensors"));
    }
    // The files have headers besides.
    assertTrue(plan.storedWeights() < stored && plan.storedWeights() > stored * 0.99);
    RgbImage image = RgbImage.read(FOLDER.resolve("start.png"));
    try (CountingBackend backend = new CountingBackend(CpuBackend.simd(2))) {
      try (WorldModel model = MatrixGame2.load(FOLDER, backend, Progress.NONE)) {
        assertEquals(plan.copiedWeights(), backend.heldBytes());
        try (WorldSession session = model.start(image, 1, Progress.NONE)) {
          Action forward = model.actionSpace().controls().action(Set.of("w"));
          for (int block = 0; block < 4; block++) {
            session.step(forward);
            // The caches of the decoder come with the first block; from then on nothing does.
            assertEquals(
                plan.copiedWeights() + plan.session() + plan.workspace(),
                backend.heldBytes(),
                "after block " + block);
          }
        }
        assertEquals(plan.copiedWeights(), backend.heldBytes());
      }
      assertEquals(0, backend.openArenas());
    }
  }
}
