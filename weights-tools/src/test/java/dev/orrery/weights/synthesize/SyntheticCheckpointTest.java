package dev.orrery.weights.synthesize;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.runtime.checkpoint.SafetensorsFile;
import dev.orrery.runtime.checkpoint.TensorSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SyntheticCheckpointTest {
  @TempDir Path folder;

  @Test
  void valuesAreScaledByTheirRole() {
    assertDistribution("blocks.0.ffn.0.weight", 0, 1 / Math.sqrt(1000), 20, 1000);
    assertDistribution("patch_embedding.weight", 0, 1 / Math.sqrt(90), 300, 10, 3, 3);
    assertDistribution("blocks.0.self_attn.norm_q.weight", 1, 0.02, 20_000);
    assertDistribution("img_emb.proj.0.weight", 1, 0.02, 20_000);
    assertDistribution("decoder.norm.gamma", 1, 0.02, 20_000, 1, 1);
    assertDistribution("blocks.0.norm3.weight", 1, 0.02, 20_000, 1);
    assertDistribution("blocks.0.normal_map.weight_2", 0, 1 / Math.sqrt(1000), 20, 1000);
    assertDistribution("blocks.0.ffn.0.bias", 0, 0.02, 20_000);
    assertDistribution("blocks.0.modulation", 0, 0.02, 1, 6, 4_000);
  }

  @Test
  void theSameSeedGivesTheSameBytes() throws IOException {
    List<TensorSpec> specs = specs(DType.F32);
    Path once = write("once", specs, 3);
    Path again = write("again", specs, 3);
    assertEquals(-1, Files.mismatch(once, again));
    Path other = write("other", specs, 4);
    assertTrue(Files.mismatch(once, other) > 0);
    Path reversed = write("reversed", specs.reversed(), 3);
    try (SafetensorsFile a = SafetensorsFile.open(once);
        SafetensorsFile b = SafetensorsFile.open(reversed)) {
      float[] values = a.tensor("long").toFloats();
      assertArrayEquals(values, b.tensor("long").toFloats());
      assertArrayEquals(a.tensor("w").toFloats(), b.tensor("w").toFloats());
      // Tensors and the pieces of one tensor differ from each other.
      assertFalse(Arrays.equals(Arrays.copyOf(values, 6), a.tensor("w").toFloats()));
      int piece = 1 << 20;
      assertFalse(
          Arrays.equals(values, 0, 1000, values, piece, piece + 1000),
          "the second piece repeats the first");
    }
  }

  @Test
  void narrowTypesHoldTheRoundedValues() {
    Path wide = write("wide", specs(DType.F32), 3);
    try (SafetensorsFile file = SafetensorsFile.open(wide)) {
      for (DType dtype : new DType[] {DType.BF16, DType.F16}) {
        try (SafetensorsFile narrow = SafetensorsFile.open(write(dtype.name(), specs(dtype), 3))) {
          FloatView expected = FloatView.of(file.tensor("long"));
          Tensor tensor = narrow.tensor("long");
          assertEquals(dtype, tensor.dtype());
          FloatView found = FloatView.of(tensor);
          double relative = dtype == DType.BF16 ? 0x1p-8 : 0x1p-11;
          for (long i = 0; i < tensor.elements(); i += 997) {
            assertEquals(
                expected.get(i), found.get(i), relative * Math.abs(expected.get(i)) + 1e-7);
          }
        }
      }
    }
  }

  @Test
  void progressCountsTheBytes() {
    List<Long> progress = new ArrayList<>();
    SyntheticCheckpoint.write(folder.resolve("x"), specs(DType.BF16), 1, Map.of(), progress::add);
    assertEquals(List.of(2L << 20, 2_400_000L, 2_400_012L), progress);
  }

  @Test
  void refusesTypesThatAreNoWeights() {
    List<TensorSpec> specs = List.of(new TensorSpec("i", DType.I64, Shape.of(1)));
    assertEquals(
        "i: expected F32, F16 or BF16, found I64",
        assertThrows(
                IllegalArgumentException.class,
                () ->
                    SyntheticCheckpoint.write(folder.resolve("x"), specs, 1, Map.of(), bytes -> {}))
            .getMessage());
  }

  private static List<TensorSpec> specs(DType dtype) {
    return List.of(
        new TensorSpec("long", dtype, Shape.of(1_200_000, 1)),
        new TensorSpec("w", dtype, Shape.of(2, 3)));
  }

  private void assertDistribution(String name, double mean, double deviation, long... shape) {
    Path path = write("d", List.of(new TensorSpec(name, DType.F32, Shape.of(shape))), 5);
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      float[] values = file.tensor(name).toFloats();
      double sum = 0;
      double squares = 0;
      for (float value : values) {
        sum += value;
        squares += (value - mean) * (value - mean);
      }
      double error = 5 / Math.sqrt(values.length);
      assertEquals(mean, sum / values.length, error * deviation, name);
      assertEquals(deviation, Math.sqrt(squares / values.length), error * deviation, name);
    }
  }

  private Path write(String stem, List<TensorSpec> specs, long seed) {
    Path path = folder.resolve(stem + ".safetensors");
    SyntheticCheckpoint.write(path, specs, seed, Map.of(), bytes -> {});
    return path;
  }
}
