package dev.orrery.model.matrixgame2;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.model.session.Action;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.StreamedSessionTest;
import dev.orrery.model.session.TinyWorld;
import dev.orrery.model.session.WorldModel;
import dev.orrery.model.session.WorldSession;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Frames of Matrix-Game 2.0, as soon as they exist. */
class MatrixGame2StreamedSessionTest extends StreamedSessionTest {
  @TempDir static Path modelFolder;

  private static TinyWorld tiny;

  @BeforeAll
  static void write() throws Exception {
    tiny = TinyMatrixGame2.in(modelFolder);
  }

  @Override
  protected TinyWorld world() {
    return tiny;
  }

  /** A pass of the transformer is over before the first frame, that for the caches not begun. */
  @Test
  void framesComeBeforeThePassThatFillsTheCaches() {
    try (Backend backend = CpuBackend.simd(2);
        WorldModel model = tiny.load(backend);
        WorldSession session = tiny.start(model)) {
      List<String> events = new ArrayList<>();
      session.trace((name, value) -> events.add(name.replaceFirst("[.].*", "")));
      int frames = session.nextFrames();
      IntFunction<? extends Action> actions = tiny.actions(model);
      session.stream(
          IntStream.range(0, frames).mapToObj(actions).toList(),
          Progress.NONE,
          part -> events.add(part.count() + " frames"));
      int steps = MatrixGame2.open(modelFolder).steps();
      List<String> expected = new ArrayList<>();
      for (int step = 0; step < steps; step++) {
        expected.add("step" + step);
      }
      expected.addAll(List.of("1 frames", "4 frames", "4 frames", "context"));
      List<String> order = new ArrayList<>();
      for (String event : events) {
        if (!event.equals(order.isEmpty() ? null : order.getLast()) || event.endsWith("frames")) {
          order.add(event);
        }
      }
      assertEquals(expected, order);
    }
  }
}
