package dev.orrery.model.taehv;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.cuda.CudaTestDevice;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.kernels.tornado.TornadoHarness;
import dev.orrery.model.golden.Golden;
import dev.orrery.model.golden.MemoryTensors;
import dev.orrery.model.layers.Parameters;
import dev.orrery.runtime.checkpoint.Weights;
import dev.orrery.runtime.memory.FeatureCache;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.random.GaussianNoise;
import dev.orrery.runtime.trace.Trace;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Decoders whose last convolution makes squares of pixels, as those of Wan 2.2 and
 * HunyuanVideo-1.5, against the network written out. No fixture of the reference has squares; what
 * it does beyond them, {@code TaehvGoldenTest} compares.
 */
class TaehvSquaresTest {
  private static final int FRAMES = 3;
  private static final int ROWS = 2;
  private static final int COLUMNS = 3;
  private static final int PATCH = 2;
  private static final double LIMIT = 1e-5;

  private final TaehvConfig config = new TaehvConfig(6, List.of(16, 8, 8, 6), PATCH);
  private final Map<String, Tensor> weights = TinyTaehv.weights(config);
  private final Tensor latents = latents();

  /** As PyTorch's pixel_shuffle counts. */
  private static int stored(int colour, int row, int column) {
    return (colour * PATCH + row) * PATCH + column;
  }

  private Tensor latents() {
    float[] values = new float[FRAMES * ROWS * COLUMNS * config.latentChannels()];
    GaussianNoise.fill(5, 1, 0, values);
    return Tensor.of(values, FRAMES, ROWS, COLUMNS, config.latentChannels());
  }

  @ParameterizedTest
  @ValueSource(strings = {"reference", "cpu", "cuda80", "cuda90", "tornado"})
  void decodesAsTheNetworkWrittenOut(String name) {
    Assumptions.assumeTrue(!name.equals("cuda90") || CudaTestDevice.supports(90));
    Backend backend = backend(name);
    try {
      float[] together = decode(backend, FRAMES);
      double limit = name.startsWith("cuda") ? Golden.GPU_LIMIT : LIMIT;
      Golden.assertRelative(name, expected(TaehvSquaresTest::stored), together, limit);
      assertArrayEquals(together, decode(backend, 1), "one by one");
      // Every call on an emulated device takes long.
      if (List.of("reference", "cpu").contains(name)) {
        assertArrayEquals(together, decode(backend, 2), "two, then the rest");
      }
    } finally {
      if (!name.startsWith("cuda")) {
        // The emulated devices are shared.
        backend.close();
      }
    }
  }

  /** Any other order of the values of a square would show. */
  @Test
  void theOrderOfASquareMatters() {
    try (Backend backend = CpuBackend.simd(2)) {
      float[] found = decode(backend, FRAMES);
      for (WrittenOutTaehv.Square other :
          List.<WrittenOutTaehv.Square>of(
              (c, y, x) -> stored(c, x, y), (c, y, x) -> (y * PATCH + x) * 3 + c)) {
        assertTrue(Golden.relativeError(expected(other), found) > 10 * Golden.GPU_LIMIT);
      }
    }
  }

  private static Backend backend(String name) {
    return switch (name) {
      case "reference" -> CpuBackend.reference(2);
      case "cpu" -> CpuBackend.simd(2);
      case "cuda80" -> CudaTestDevice.open(80);
      case "cuda90" -> CudaTestDevice.open(90);
      case "tornado" -> TornadoHarness.openForModels();
      default -> throw new IllegalArgumentException(name);
    };
  }

  /** All frames, channels last. */
  private float[] decode(Backend backend, int atOnce) {
    try (TensorArena arena = backend.newArena()) {
      DType pixels = backend.computeTypes().autoencoder();
      Tensor moved = Golden.moved(backend, arena, pixels, latents);
      Weights source = Weights.of(new MemoryTensors(weights));
      TaehvDecoder decoder =
          new TaehvDecoder(Parameters.ofAutoencoder(source, backend, arena), config);
      source.finish();
      int ratio = TaehvConfig.TEMPORAL_RATIO;
      Tensor out =
          arena.empty(
              pixels,
              (long) FRAMES * ratio,
              (long) ROWS * config.spatialRatio(),
              (long) COLUMNS * config.spatialRatio(),
              3);
      Workspace workspace = Workspace.of(arena, Golden.AMPLE);
      FeatureCache cache = new FeatureCache(backend, arena);
      for (int f = 0; f < FRAMES; f += atOnce) {
        int end = Math.min(FRAMES, f + atOnce);
        Tensor video = out.slice((long) f * ratio, (long) end * ratio);
        decoder.decode(moved.slice(f, end), cache, workspace, video, Trace.NONE);
      }
      return Golden.floats(backend, out);
    }
  }

  private float[] expected(WrittenOutTaehv.Square square) {
    List<double[][][]> frames = new ArrayList<>();
    float[] values = latents.toFloats();
    int channels = config.latentChannels();
    for (int f = 0; f < FRAMES; f++) {
      double[][][] frame = new double[channels][ROWS][COLUMNS];
      for (int c = 0; c < channels; c++) {
        for (int y = 0; y < ROWS; y++) {
          for (int x = 0; x < COLUMNS; x++) {
            frame[c][y][x] = values[((f * ROWS + y) * COLUMNS + x) * channels + c];
          }
        }
      }
      frames.add(frame);
    }
    List<double[][][]> video = new WrittenOutTaehv(weights).decode(frames, PATCH, square);
    int rows = ROWS * config.spatialRatio();
    int columns = COLUMNS * config.spatialRatio();
    float[] out = new float[video.size() * rows * columns * 3];
    int i = 0;
    for (double[][][] frame : video) {
      for (int y = 0; y < rows; y++) {
        for (int x = 0; x < columns; x++) {
          for (int c = 0; c < 3; c++) {
            out[i++] = (float) frame[c][y][x];
          }
        }
      }
    }
    return out;
  }
}
