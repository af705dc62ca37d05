package dev.orrery.model.wan;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.golden.Golden;
import dev.orrery.model.golden.MemoryTensors;
import dev.orrery.model.layers.Parameters;
import dev.orrery.model.session.VideoFrames;
import dev.orrery.model.taehv.TaehvConfig;
import dev.orrery.model.taehv.TaehvDecoder;
import dev.orrery.model.taehv.TinyTaehv;
import dev.orrery.runtime.checkpoint.Weights;
import dev.orrery.runtime.memory.FeatureCache;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.random.GaussianNoise;
import dev.orrery.runtime.trace.Trace;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** The first latent frame of a video becomes one frame, every later one four. */
class TaehvNetworkTest {
  private static final int FRAMES = 3;
  private static final int ROWS = 2;
  private static final int COLUMNS = 4;
  private static final int DROPPED = 3;

  private final TaehvConfig config = TinyTaehv.config(6, 2);
  private final Map<String, Tensor> weights = TinyTaehv.weights(config);

  private Parameters parameters(Backend backend, TensorArena arena) {
    return Parameters.ofAutoencoder(Weights.of(new MemoryTensors(weights)), backend, arena);
  }

  @Test
  void aVideoIsThatOfTheDecoderWithoutItsFirstFrames() {
    float[] values = new float[FRAMES * ROWS * COLUMNS * config.latentChannels()];
    GaussianNoise.fill(9, 1, 0, values);
    Tensor latents = Tensor.of(values, FRAMES, ROWS, COLUMNS, config.latentChannels());
    int rows = ROWS * config.spatialRatio();
    int columns = COLUMNS * config.spatialRatio();
    try (Backend backend = CpuBackend.simd(2);
        TensorArena arena = backend.newArena()) {
      Tensor video =
          arena.empty(DType.F32, (long) FRAMES * TaehvConfig.TEMPORAL_RATIO, rows, columns, 3);
      new TaehvDecoder(parameters(backend, arena), config)
          .decode(
              latents,
              new FeatureCache(backend, arena),
              Workspace.of(arena, Golden.AMPLE),
              video,
              Trace.NONE);
      float[] unit = video.slice(DROPPED, video.size(0)).toFloats();
      WanFrameDecoder frames =
          new WanFrameDecoder(
              new TaehvNetwork(parameters(backend, arena), config),
              Golden.resources(backend, (chunk, out) -> {}),
              rows,
              columns);
      int next = 0;
      for (int f = 0; f < FRAMES; f++) {
        VideoFrames made = frames.decode(latents.slice(f, f + 1), Trace.NONE);
        assertEquals(f == 0 ? 1 : TaehvConfig.TEMPORAL_RATIO, made.count());
        for (byte found : made.rgb()) {
          int expected = (int) (255 * Math.clamp(unit[next], 0, 1));
          assertTrue(Math.abs(expected - (found & 0xff)) <= 1, "value " + next);
          next++;
        }
      }
      assertEquals(unit.length, next);
    }
  }
}
