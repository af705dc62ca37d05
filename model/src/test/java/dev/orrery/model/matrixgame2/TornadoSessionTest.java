package dev.orrery.model.matrixgame2;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.TornadoBackend;
import dev.orrery.kernels.backend.PlanningBackend;
import dev.orrery.kernels.tornado.TornadoHarness;
import dev.orrery.model.session.CountingBackend;
import dev.orrery.model.session.MemoryPlan;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.WorldModel;
import dev.orrery.model.session.WorldSession;
import dev.orrery.runtime.media.RgbImage;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole sessions on the emulated device of TornadoVM: what they compile and what they hold. */
class TornadoSessionTest {
  private static final int CHUNKS = 2;
  private static final int ROUNDS = 2;

  @TempDir Path folder;

  @BeforeEach
  void write() throws Exception {
    new TinyModel(Variant.UNIVERSAL, 16, 32).write(folder);
  }

  /**
   * A kernel is compiled for the slabs that it is called with, which are those of the first chunk.
   * The bytes are those of a second session.
   */
  @Test
  void nothingIsCompiledBehindTheFirstChunk() throws Exception {
    try (TornadoBackend backend = TornadoHarness.openForModels();
        WorldModel model = MatrixGame2.load(folder, backend, Progress.NONE)) {
      List<Long> compiled = new ArrayList<>();
      List<Long> held = new ArrayList<>();
      byte[] first = null;
      try (WorldSession session = model.start(image(), 1, Progress.NONE)) {
        for (int chunk = 0; chunk < CHUNKS; chunk++) {
          byte[] made = session.step(model.actionSpace().controls().action(Set.of("w"))).rgb();
          first = chunk == 0 ? made : first;
          compiled.add(backend.device().compilations());
          held.add(backend.device().heldBytes());
        }
      }
      assertEquals(compiled.getFirst(), compiled.getLast(), "compiled: " + compiled);
      assertEquals(held.getFirst(), held.getLast(), "bytes held after each chunk");
      try (WorldSession session = model.start(image(), 1, Progress.NONE)) {
        byte[] again = session.step(model.actionSpace().controls().action(Set.of("w"))).rgb();
        assertArrayEquals(first, again, "a second session");
      }
    }
  }

  /** Tensors take what was planned, to the byte; they lie in whole slabs, which are given back. */
  @Test
  void takesWhatWasPlannedAndGivesItBack() throws Exception {
    try (TornadoBackend backend = TornadoHarness.openForModels();
        CountingBackend counting = new CountingBackend(backend)) {
      MemoryPlan plan = MatrixGame2.open(folder).plan(PlanningBackend.like(backend));
      long before = -1;
      for (int round = 0; round < ROUNDS; round++) {
        try (WorldModel model = MatrixGame2.load(folder, counting, Progress.NONE);
            WorldSession session = model.start(image(), 1, Progress.NONE)) {
          session.step(model.actionSpace().controls().action(Set.of("w")));
          long planned = plan.copiedWeights() + plan.session() + plan.workspace();
          assertEquals(planned, counting.heldBytes());
          assertTrue(backend.device().heldBytes() >= planned, "slabs hold less than tensors");
        }
        if (before >= 0) {
          assertEquals(before, backend.device().heldBytes(), "round " + round);
        }
        assertEquals(0, counting.openArenas());
        before = backend.device().heldBytes();
      }
    }
  }

  private static RgbImage image() throws Exception {
    return RgbImage.read(DemoWorldGoldenTest.FOLDER.resolve("start.png"));
  }
}
