package dev.orrery.model.vid2world;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.backend.HostArena;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.family.Recipe;
import dev.orrery.model.golden.Golden;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.JsonValue;
import dev.orrery.runtime.checkpoint.SafetensorsWriter;
import dev.orrery.runtime.checkpoint.TensorSpec;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class CausalTransferTest {
  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({"EXTRAPOLATIVE, 0, -3, 13", "MASKED, 0, 2, 3", "SHIFT, 2, 3, 5"})
  void aKernelByHand(CausalTransfer transfer, float first, float second, float third) {
    float[] taps = {2, 3, 5};
    transfer.transfer(taps);
    assertArrayEquals(new float[] {first, second, third}, taps);
  }

  /** What moves evenly is told as if the frame after each had been seen. */
  @Test
  void extrapolationIsExactForWhatMovesEvenly() {
    float[] taps = {2, 3, 5};
    CausalTransfer.EXTRAPOLATIVE.transfer(taps);
    float[] frames = {7, 10, 13, 16};
    assertEquals(
        2 * frames[1] + 3 * frames[2] + 5 * frames[3],
        taps[0] * frames[0] + taps[1] * frames[1] + taps[2] * frames[2]);
  }

  private static JsonValue json(Golden golden) {
    JsonValue config = golden.config();
    String sizes =
        "{\"image_size\": [6, 8], \"model_channels\": "
            + config.integer("model_channels")
            + ", \"num_res_blocks\": "
            + config.integer("num_res_blocks")
            + ", \"attention_resolutions\": [2, 1], \"channel_mult\": [1, 1], \"num_head_channels\": "
            + config.integer("num_head_channels")
            + ", \"context_dim\": "
            + config.integer("context_dim")
            + "}";
    return JsonValue.parse("sizes", sizes.getBytes(StandardCharsets.UTF_8));
  }

  /**
   * A whole U-Net, whose causal kernels stand for DynamiCrafter's. Of a base of 16 bits the kernels
   * are computed in fp32 of its values, and all else keeps its bits.
   */
  @ParameterizedTest
  @CsvSource({
    "EXTRAPOLATIVE, F32",
    "MASKED, F32",
    "SHIFT, F32",
    "EXTRAPOLATIVE, F16",
    "MASKED, BF16"
  })
  void onlyKernelsOverTimeChangeAndActionsSayNothing(CausalTransfer transfer, DType dtype) {
    Path own = Path.of("src/test/resources/golden/vid2world/unet.safetensors");
    try (Golden golden = Golden.open(own);
        TensorArena arena = new HostArena()) {
      Map<String, Tensor> causal = new TreeMap<>();
      Map<String, Tensor> stored = new TreeMap<>();
      for (String name : golden.weights("").names()) {
        Tensor tensor = rounded(golden.tensor("weights." + name), dtype, arena);
        causal.put(name, tensor);
        if (!name.startsWith("action_emb")) {
          stored.put(name.replace(".conv3d", "").replace(".conv2d", ""), tensor);
        }
      }
      Path base = folder.resolve("base.safetensors");
      SafetensorsWriter.write(base, prefixed(stored), Map.of());
      UnetConfig config = UnetConfig.read(json(golden));
      try (Golden source = Golden.open(base)) {
        Map<String, Tensor> found = computed(transfer.unet(source.weights(""), config), arena);
        assertEquals(causal.keySet(), new TreeMap<>(found).keySet());
        int kernels = 0;
        for (Map.Entry<String, Tensor> entry : causal.entrySet()) {
          float[] expected = floats(entry.getValue());
          if (entry.getKey().startsWith("action_emb")) {
            expected = new float[expected.length];
          } else if (entry.getKey().endsWith("conv3d.weight")) {
            kernels++;
            float[] taps = {expected[3], expected[4], expected[5]};
            transfer.transfer(taps);
            assertEquals(DType.F32, found.get(entry.getKey()).dtype());
            float[] values = floats(found.get(entry.getKey()));
            assertArrayEquals(taps, new float[] {values[3], values[4], values[5]});
            continue;
          } else {
            assertEquals(dtype, found.get(entry.getKey()).dtype());
          }
          assertArrayEquals(expected, floats(found.get(entry.getKey())), entry.getKey());
        }
        assertTrue(kernels > 0);
      }
      stored.remove("init_attn.0.norm.weight");
      Path less = folder.resolve("less.safetensors");
      SafetensorsWriter.write(less, prefixed(stored), Map.of());
      try (Golden source = Golden.open(less)) {
        CheckpointException e =
            assertThrows(
                CheckpointException.class, () -> transfer.unet(source.weights(""), config));
        assertTrue(e.getMessage().contains("init_attn.0.norm.weight"), e.getMessage());
      }
    }
  }

  private static Tensor rounded(Tensor tensor, DType dtype, TensorArena arena) {
    Tensor rounded = arena.empty(dtype, tensor.shape().extents());
    FloatView from = FloatView.of(tensor);
    FloatView to = FloatView.of(rounded);
    for (long i = 0; i < tensor.elements(); i++) {
      to.set(i, from.get(i));
    }
    return rounded;
  }

  private static float[] floats(Tensor tensor) {
    float[] values = new float[Math.toIntExact(tensor.elements())];
    FloatView.of(tensor).copy(0, values, 0, values.length);
    return values;
  }

  /** What is computed must be as it was declared. */
  private static Map<String, Tensor> computed(
      List<Recipe.ComputedTensor> tensors, TensorArena arena) {
    Map<String, Tensor> computed = new TreeMap<>();
    for (Recipe.ComputedTensor each : tensors) {
      Tensor tensor = each.values().apply(arena);
      TensorSpec found = new TensorSpec(each.spec().name(), tensor.dtype(), tensor.shape());
      assertEquals(each.spec(), found);
      assertNull(computed.put(found.name(), tensor), found.name());
    }
    return computed;
  }

  private static Map<String, Tensor> prefixed(Map<String, Tensor> tensors) {
    Map<String, Tensor> prefixed = new TreeMap<>();
    tensors.forEach((name, tensor) -> prefixed.put("weights." + name, tensor));
    return prefixed;
  }
}
