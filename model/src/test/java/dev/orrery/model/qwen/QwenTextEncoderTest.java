package dev.orrery.model.qwen;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.backend.PlanningBackend;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.golden.MemoryTensors;
import dev.orrery.model.session.RandomWeights;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.PlannedTensors;
import dev.orrery.runtime.checkpoint.Weights;
import dev.orrery.runtime.trace.Trace;
import java.util.LinkedHashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;

class QwenTextEncoderTest {
  private static final QwenConfig CONFIG = new QwenConfig(50, 16, 4, 2, 24, 4, 1e-6, 1e6, true);
  private static final int[] IDS = {3, 1, 49, 0, 7};

  /** All four ways to name the tensors, with and without what is not read. */
  @Test
  void namesMayHaveAnyOfFourBeginnings() {
    float[] expected = encode(tensors("model."));
    for (String prefix : new String[] {"", "language_model.", "model.language_model."}) {
      Map<String, Tensor> tensors = tensors(prefix);
      Tensor some = Tensor.of(new float[] {1}, 1);
      tensors.put(prefix + "layers.2.mlp.up_proj.weight", some);
      tensors.put(prefix + "layers.3.mlp.up_proj.weight", some);
      tensors.put(prefix + "norm.weight", some);
      tensors.put("lm_head.weight", some);
      tensors.put("visual.blocks.0.norm1.weight", some);
      assertArrayEquals(expected, encode(tensors), prefix);
    }
  }

  @Test
  void whatIsMissingOrLeftOverIsRefused() {
    Map<String, Tensor> tensors = tensors("model.");
    tensors.put("model.layers.4.mlp.up_proj.weight", Tensor.of(new float[] {1}, 1));
    refused(tensors, "expected no tensors beyond those of the network");
    tensors = tensors("model.");
    tensors.remove("model.layers.1.self_attn.k_proj.bias");
    refused(
        tensors, "tensor model.layers.1.self_attn.k_proj.bias: expected shape [8], but missing");
  }

  private static void refused(Map<String, Tensor> tensors, String message) {
    CheckpointException e = assertThrows(CheckpointException.class, () -> encode(tensors));
    assertTrue(e.getMessage().contains(message), e::getMessage);
  }

  /** A token hears nothing of those behind it. */
  @Test
  void laterTokensChangeNothing() {
    Map<String, Tensor> tensors = tensors("");
    float[] all = encode(tensors);
    try (CpuBackend backend = CpuBackend.simd(1)) {
      Weights weights = Weights.of(new MemoryTensors(tensors));
      Tensor three =
          new QwenTextEncoder(weights, CONFIG, backend)
              .encode(new int[] {3, 1, 49}, done -> {}, Trace.NONE);
      float[] found = three.toFloats();
      for (int i = 0; i < found.length; i++) {
        assertEquals(all[i], found[i], 1e-5, "value " + i);
      }
    }
  }

  /** Every tensor that is read, with its shape; one layer at a time is in memory. */
  @Test
  void plansTheReleasedEncoder() {
    PlannedTensors tensors = PlannedTensors.of(DType.BF16);
    QwenTextEncoder encoder =
        new QwenTextEncoder(Weights.of(tensors), QwenConfig.released(), PlanningBackend.cpu());
    assertEquals(313, tensors.requests().size());
    assertEquals(2 * 6_604_499_968L, tensors.byteSize());
    assertTrue(tensors.requests().stream().allMatch(spec -> spec.name().startsWith("model.")));
    long planned = encoder.plannedBytes(1108);
    long layer = 2 * 233_057_792L;
    assertTrue(planned > layer && planned < layer + (600 << 20), () -> planned + " bytes");
  }

  private static float[] encode(Map<String, Tensor> tensors) {
    try (CpuBackend backend = CpuBackend.simd(1)) {
      Weights weights = Weights.of(new MemoryTensors(tensors));
      QwenTextEncoder encoder = new QwenTextEncoder(weights, CONFIG, backend);
      weights.finish();
      return encoder.encode(IDS, done -> {}, Trace.NONE).toFloats();
    }
  }

  private static Map<String, Tensor> tensors(String prefix) {
    PlannedTensors planned = PlannedTensors.of(DType.F32);
    new QwenTextEncoder(Weights.of(planned), CONFIG, PlanningBackend.cpu());
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    RandomWeights.of(planned, 1)
        .forEach((name, tensor) -> tensors.put(prefix + name.substring("model.".length()), tensor));
    return tensors;
  }
}
