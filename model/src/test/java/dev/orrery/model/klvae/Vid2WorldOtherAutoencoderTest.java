package dev.orrery.model.klvae;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.PlanningBackend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.golden.Golden;
import dev.orrery.model.golden.MemoryTensors;
import dev.orrery.model.layers.Parameters;
import dev.orrery.model.session.RandomWeights;
import dev.orrery.runtime.checkpoint.JsonValue;
import dev.orrery.runtime.checkpoint.PlannedTensors;
import dev.orrery.runtime.checkpoint.SafetensorsWriter;
import dev.orrery.runtime.checkpoint.Weights;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.random.GaussianNoise;
import dev.orrery.runtime.trace.Trace;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The comparisons of the autoencoder's fixtures take one of other sizes than the project's own:
 * three levels, two blocks in each, another scale. It is made by the reference backend.
 */
class Vid2WorldOtherAutoencoderTest {
  private static final int ROWS = 2;
  private static final int COLUMNS = 3;
  private static final int RATIO = 4;

  private static final String CONFIG =
      """
      {"ch": 32, "ch_mult": [1, 1, 2], "num_res_blocks": 2, "scale_factor": 0.3}
      """;

  @TempDir Path folder;

  private static Tensor drawn(long stream, long... extents) {
    Tensor tensor =
        Tensor.of(new float[(int) (extents[0] * extents[1] * extents[2] * extents[3])], extents);
    float[] values = tensor.toFloats();
    GaussianNoise.fill(5, stream, 0, values);
    return Tensor.of(values, extents);
  }

  /** Values {@code [1, Y, X, C]} as {@code [1, C, Y, X]}. */
  private static Tensor stored(Tensor pictures) {
    return Tensor.of(
        Golden.channelsFirst(pictures), 1, pictures.size(3), pictures.size(1), pictures.size(2));
  }

  private static void encodeAndDecode(
      KlVaeConfig config, Map<String, Tensor> weights, Map<String, Tensor> fixture) {
    try (Backend backend = CpuBackend.reference(2);
        TensorArena arena = backend.newArena()) {
      Parameters p =
          Parameters.ofAutoencoder(Weights.of(new MemoryTensors(weights)), backend, arena);
      Workspace workspace = Workspace.of(arena, Golden.AMPLE);
      Tensor image = drawn(1, 1, RATIO * ROWS, RATIO * COLUMNS, 3);
      Tensor moments = arena.empty(DType.F32, 1, ROWS, COLUMNS, 8);
      Tensor pixels = Golden.moved(backend, arena, DType.F32, image);
      new KlVaeEncoder(p, config).encode(pixels, workspace, moments, Trace.NONE);
      fixture.put("inputs.image", stored(image));
      fixture.put("outputs.moments", stored(moments));
      Tensor z = drawn(2, 1, ROWS, COLUMNS, 4);
      float[] scaled = z.toFloats();
      for (int i = 0; i < scaled.length; i++) {
        scaled[i] = (float) (scaled[i] * config.scale());
      }
      Tensor latents =
          Golden.moved(backend, arena, DType.F32, Tensor.of(scaled, 1, ROWS, COLUMNS, 4));
      new KlVaeDecoder(p, config).decode(latents, workspace, pixels, Trace.NONE);
      fixture.put("inputs.z", stored(z));
      fixture.put("outputs.image", stored(pixels));
    }
  }

  @Test
  void fixturesOfOtherShapesAreCompared() {
    KlVaeConfig config =
        KlVaeConfig.read(JsonValue.parse("config", CONFIG.getBytes(StandardCharsets.UTF_8)));
    PlannedTensors asked = PlannedTensors.of(DType.F32);
    try (Backend backend = PlanningBackend.cpu()) {
      Parameters p = Parameters.ofAutoencoder(Weights.of(asked), backend, backend.newArena());
      new KlVaeEncoder(p, config);
      new KlVaeDecoder(p, config);
    }
    Map<String, Tensor> weights = RandomWeights.of(asked, 9);
    Map<String, Tensor> fixture = new LinkedHashMap<>();
    weights.forEach((name, it) -> fixture.put("weights." + name, it));
    encodeAndDecode(config, weights, fixture);
    Path file = folder.resolve("autoencoder.safetensors");
    SafetensorsWriter.write(file, fixture, Map.of("config", CONFIG));
    Golden.Arguments simd = new Golden.Arguments(file, "cpu");
    new Vid2WorldAutoencoderGoldenTest().momentsOfPictures(simd);
    new Vid2WorldAutoencoderGoldenTest().picturesOfLatents(simd);
  }
}
