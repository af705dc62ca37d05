package dev.orrery.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.backend.PlanningBackend;
import dev.orrery.model.family.ModelFamily;
import dev.orrery.model.family.ModelFolder;
import dev.orrery.model.family.NetworkWeights;
import dev.orrery.model.family.SyntheticScale;
import dev.orrery.model.oasis.Oasis;
import dev.orrery.model.session.Action;
import dev.orrery.model.session.ActionScript;
import dev.orrery.model.session.CountingBackend;
import dev.orrery.model.session.MemoryPlan;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.Start;
import dev.orrery.model.session.VideoFrames;
import dev.orrery.model.session.WorldModel;
import dev.orrery.model.session.WorldSession;
import dev.orrery.runtime.media.RgbImage;
import dev.orrery.weights.synthesize.SyntheticModel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Oasis of the released size, with random weights: 1.6 GB on the disk, most of a minute. */
class ReleasedOasisWorldTest {
  private static final ModelFamily FAMILY = Oasis.FAMILY;
  private static final int FRAMES = 3;

  @TempDir Path temporary;

  @Test
  @Tag("slow")
  void playsInTheMemoryThatInfoTells() throws Exception {
    Path folder = temporary.resolve("oasis");
    SyntheticModel.write(FAMILY, SyntheticScale.RELEASED, 1, folder, Progress.NONE);
    ModelFolder opened = FAMILY.open(folder).withSteps(2);
    MemoryPlan plan = opened.plan(PlanningBackend.cpu());
    long mapped = 0;
    for (NetworkWeights<?> network : opened.networks()) {
      mapped += Files.size(network.checkpoint());
    }
    RgbImage image = RgbImage.read(folder.resolve("start.png"));
    try (CountingBackend backend = new CountingBackend(CpuBackend.simd(2));
        WorldModel model = opened.load(backend, Progress.NONE);
        WorldSession session = model.start(Start.of(List.of(image), 1), Progress.NONE)) {
      ActionScript script = ActionScript.parse("w*2 w+look-x=0.5", model.actionSpace().controls());
      for (int i = 0; i < FRAMES; i++) {
        Action action = script.at(i);
        VideoFrames frames = session.step(action);
        assertEquals(1, frames.count());
        assertEquals(640, frames.width());
        assertEquals(360, frames.height());
      }
      long taken = mapped + backend.heldBytes();
      assertEquals(plan.playing(), taken, 0.05 * taken);
      assertEquals(plan.copiedWeights() + plan.session() + plan.workspace(), backend.heldBytes());
      assertTrue(taken > 2e9, taken + " bytes");
    }
  }
}
