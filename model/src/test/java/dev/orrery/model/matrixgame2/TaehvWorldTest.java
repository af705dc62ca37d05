package dev.orrery.model.matrixgame2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.PlanningBackend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.Parameters;
import dev.orrery.model.session.Action;
import dev.orrery.model.session.LatentDecoder;
import dev.orrery.model.session.MemoryPlan;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.VideoFrames;
import dev.orrery.model.session.WorldModel;
import dev.orrery.model.session.WorldSession;
import dev.orrery.model.taehv.TaehvConfig;
import dev.orrery.model.taehv.TaehvDecoder;
import dev.orrery.model.taehv.TinyTaehv;
import dev.orrery.runtime.checkpoint.Checkpoint;
import dev.orrery.runtime.checkpoint.Weights;
import dev.orrery.runtime.media.RgbImage;
import dev.orrery.runtime.memory.FeatureCache;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.memory.WorkspaceSize;
import dev.orrery.runtime.trace.ActivationTrace;
import dev.orrery.runtime.trace.Trace;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A model whose configuration has a section for TAEHV shows the frames of that decoder. */
class TaehvWorldTest {
  private static final int ROWS = 16;
  private static final int COLUMNS = 32;
  private static final TaehvConfig SIZES = TinyTaehv.config(16, 1);

  @TempDir Path folder;

  private void writeModel() throws Exception {
    new TinyModel(Variant.UNIVERSAL, ROWS, COLUMNS).write(folder);
    TinyTaehv.addTo(folder, "taew2_1", SIZES, LatentDecoder.TAEHV);
    // The section alone says so as well.
    Path config = folder.resolve("config.json");
    Files.writeString(config, Files.readString(config).replace("\"decoder\": \"taehv\", ", ""));
  }

  @Test
  void showsTheFramesOfTheTinyDecoder() throws Exception {
    writeModel();
    MemoryPlan plan = MatrixGame2.open(folder).plan(PlanningBackend.cpu());
    assertTrue(plan.model().endsWith(", decoded by TAEHV"), plan::model);
    RgbImage image = new RgbImage(COLUMNS, ROWS, new byte[3 * ROWS * COLUMNS]);
    try (Backend backend = CpuBackend.simd(2);
        TensorArena arena = backend.newArena();
        Checkpoint weights = Checkpoint.find(folder, "taew2_1");
        WorldModel model = MatrixGame2.load(folder, backend, Progress.NONE);
        WorldSession session = model.start(image, 1, Progress.NONE)) {
      TaehvDecoder decoder =
          new TaehvDecoder(Parameters.ofAutoencoder(Weights.of(weights), backend, arena), SIZES);
      FeatureCache cache = new FeatureCache(backend, arena);
      Workspace workspace = Workspace.of(arena, new WorkspaceSize(16 << 20));
      Action forward = model.actionSpace().controls().action(Set.of("w"));
      for (int chunk = 0; chunk < 2; chunk++) {
        ActivationTrace trace = new ActivationTrace(backend, name -> name.equals("step2.x0"));
        session.trace(trace);
        VideoFrames frames = session.step(forward);
        Tensor latents = Tensor.of(trace.values().get("step2.x0"), 3, 2, 4, 16);
        Tensor video = arena.empty(DType.F32, 12, ROWS, COLUMNS, 3);
        decoder.decode(latents, cache, workspace, video, Trace.NONE);
        int dropped = chunk == 0 ? 3 : 0;
        float[] unit = video.slice(dropped, 12).toFloats();
        assertEquals(unit.length, frames.rgb().length);
        byte[] expected = new byte[unit.length];
        for (int i = 0; i < unit.length; i++) {
          // The mapping of every autoencoder's pixels from [-1, 1] to bytes.
          float pixel = Math.clamp(2 * unit[i] - 1, -1, 1);
          expected[i] = (byte) (int) ((pixel + 1) / 2 * 255);
        }
        assertTrue(
            IntStream.range(0, expected.length).map(i -> expected[i]).distinct().count() > 100,
            "the frames are flat");
        int different = 0;
        for (int i = 0; i < expected.length; i++) {
          int distance = Math.abs((expected[i] & 0xff) - (frames.rgb()[i] & 0xff));
          assertTrue(distance <= 1, "value " + i);
          different += distance;
        }
        assertTrue(different < expected.length / 100, different + " values differ by one");
      }
    }
  }
}
