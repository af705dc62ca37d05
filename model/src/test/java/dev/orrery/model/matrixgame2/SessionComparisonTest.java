package dev.orrery.model.matrixgame2;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.model.golden.QuantizedForm;
import dev.orrery.model.session.Action;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.SessionComparison;
import dev.orrery.model.session.WorldModel;
import dev.orrery.model.session.WorldSession;
import dev.orrery.runtime.media.RgbImage;
import dev.orrery.runtime.trace.ActivationError;
import dev.orrery.runtime.trace.ActivationTrace;
import dev.orrery.runtime.trace.Trace;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a session shows of its activations, and how two models are compared by it. */
class SessionComparisonTest {
  @TempDir Path folder;

  @Test
  void aQuantizedModelDriftsFromItsOrigin() throws Exception {
    TinyModel tiny = new TinyModel(Variant.UNIVERSAL, 32, 48);
    tiny.write(folder.resolve("whole"));
    tiny.quantize(QuantizedForm.INT8);
    tiny.write(folder.resolve("quantized"));
    try (Backend backend = CpuBackend.simd(2);
        WorldModel whole = MatrixGame2.load(folder.resolve("whole"), backend, Progress.NONE);
        WorldModel quantized =
            MatrixGame2.load(folder.resolve("quantized"), backend, Progress.NONE)) {
      List<SessionComparison> same = drift(whole, whole, backend);
      List<SessionComparison> other = drift(whole, quantized, backend);
      assertEquals(2, same.size());
      for (int block = 0; block < 2; block++) {
        assertEquals(
            List.of(
                new ActivationError("step0.block0.out", 1, 0),
                new ActivationError("step0.block1.out", 1, 0)),
            same.get(block).layers());
        assertEquals(Double.POSITIVE_INFINITY, same.get(block).decibels());
        for (ActivationError layer : other.get(block).layers()) {
          assertTrue(layer.relativeL2() > 1e-3 && layer.relativeL2() < 0.05, layer::toString);
        }
        double decibels = other.get(block).decibels();
        assertTrue(decibels > 30 && decibels < 80, "block " + block + ": " + decibels);
      }
    }
  }

  @Test
  void aTraceChangesNothing() throws Exception {
    new TinyModel(Variant.UNIVERSAL, 32, 48).write(folder);
    try (Backend backend = CpuBackend.simd(2);
        WorldModel model = MatrixGame2.load(folder, backend, Progress.NONE);
        WorldSession plain = start(model);
        WorldSession traced = start(model)) {
      Action action = model.actionSpace().controls().action(Set.of("w"));
      ActivationTrace trace = new ActivationTrace(backend);
      traced.trace(trace);
      assertArrayEquals(plain.step(action).rgb(), traced.step(action).rgb());
      assertTrue(trace.values().containsKey("step0.block1.out"), trace.values()::toString);
      assertTrue(trace.values().containsKey("context.block0.out"), trace.values()::toString);
      traced.trace(Trace.NONE);
      int seen = trace.values().size();
      assertArrayEquals(plain.step(action).rgb(), traced.step(action).rgb());
      assertEquals(seen, trace.values().size());
    }
  }

  private static List<SessionComparison> drift(
      WorldModel expected, WorldModel actual, Backend backend) throws Exception {
    Action action = expected.actionSpace().controls().action(Set.of("w"));
    try (WorldSession one = start(expected);
        WorldSession two = start(actual)) {
      return SessionComparison.between(one, two, backend, frame -> action, 2, Progress.NONE);
    }
  }

  private static WorldSession start(WorldModel model) throws Exception {
    RgbImage picture = RgbImage.read(DemoWorldGoldenTest.FOLDER.resolve("start.png"));
    return model.start(picture, 1, Progress.NONE);
  }
}
