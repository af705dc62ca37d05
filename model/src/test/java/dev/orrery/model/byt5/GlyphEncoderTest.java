package dev.orrery.model.byt5;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.backend.PlanningBackend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.golden.MemoryTensors;
import dev.orrery.model.layers.Parameters;
import dev.orrery.model.session.RandomWeights;
import dev.orrery.model.t5.T5Config;
import dev.orrery.runtime.checkpoint.PlannedTensors;
import dev.orrery.runtime.checkpoint.Weights;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class GlyphEncoderTest {
  private static final T5Config CONFIG = new T5Config(260, 12, 2, 4, 20, 2, 32, 128, 1e-6, true);

  /** Every tensor that was released, with its shape. */
  @Test
  void plansTheReleasedEncoder() {
    PlannedTensors tensors = PlannedTensors.of(DType.F32);
    try (PlanningBackend plan = PlanningBackend.cpu();
        TensorArena arena = plan.newArena()) {
      new GlyphEncoder(
          Parameters.ofTransformer(Weights.of(tensors), plan, arena),
          GlyphEncoder.config(Path.of("there is none")));
    }
    assertEquals(111, tensors.requests().size());
    assertEquals(4 * 219_314_944L, tensors.byteSize());
  }

  /** As released, and as converted with either name of the embeddings. */
  @Test
  void namesMayBeThoseOfAWholeModel() {
    float[] expected = encode("", "embed_tokens.weight");
    assertArrayEquals(expected, encode("encoder.", "shared.weight"));
    assertArrayEquals(expected, encode("encoder.", "encoder.embed_tokens.weight"));
  }

  private static float[] encode(String prefix, String embedding) {
    PlannedTensors planned = PlannedTensors.of(DType.F32);
    try (PlanningBackend plan = PlanningBackend.cpu();
        TensorArena arena = plan.newArena()) {
      new GlyphEncoder(Parameters.ofTransformer(Weights.of(planned), plan, arena), CONFIG);
    }
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    RandomWeights.of(planned, 1)
        .forEach(
            (name, tensor) ->
                tensors.put(
                    name.equals("embed_tokens.weight") ? embedding : prefix + name, tensor));
    try (CpuBackend backend = CpuBackend.simd(1);
        TensorArena arena = backend.newArena()) {
      Weights weights = Weights.of(new MemoryTensors(tensors));
      GlyphEncoder encoder =
          new GlyphEncoder(Parameters.ofTransformer(weights, backend, arena), CONFIG);
      weights.finish();
      return encoder.encode(Byt5Tokens.of("Text \"a\". ", GlyphEncoder.TOKENS)).toFloats();
    }
  }
}
