package dev.orrery.runtime.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.Arena;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Matrices of linear layers that a checkpoint stores with fewer bits. */
class QuantizedWeightsTest {
  private static final int ROWS = 3;
  private static final int COLUMNS = 128;

  @TempDir Path folder;

  @Test
  void readsEveryForm() {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put("a.weight", zeros(DType.I8, ROWS, COLUMNS));
    tensors.put("a.weight_scale", Tensor.of(new float[] {1, 0, 0.5f}, ROWS));
    tensors.put("b.weight", zeros(DType.F8_E4M3, ROWS, 7));
    tensors.put("b.weight_scale", zeros(DType.F32, ROWS));
    tensors.put("c.weight", zeros(DType.U8, ROWS, COLUMNS / 2));
    tensors.put("c.weight_scale", zeros(DType.F32, ROWS, 2));
    tensors.put("d.weight", zeros(DType.BF16, ROWS, 7));
    try (Checkpoint checkpoint = checkpoint(tensors)) {
      Weights weights = Weights.of(checkpoint);
      var a =
          assertInstanceOf(
              StoredMatrix.Rows.class, weights.at("a").matrix("weight", ROWS, COLUMNS));
      assertEquals(DType.I8, a.rows().values().dtype());
      assertArrayEquals(new float[] {1, 0, 0.5f}, a.rows().scales().toFloats());
      var b = assertInstanceOf(StoredMatrix.Rows.class, weights.matrix("b.weight", ROWS, 7));
      assertEquals(DType.F8_E4M3, b.rows().values().dtype());
      var c = assertInstanceOf(StoredMatrix.Groups.class, weights.matrix("c.weight", ROWS, 128));
      assertEquals(64, c.groups().group());
      var d = assertInstanceOf(StoredMatrix.Plain.class, weights.matrix("d.weight", ROWS, 7));
      assertEquals(DType.BF16, d.values().dtype());
      weights.finish();
    }
  }

  @Test
  void refusesScalesThatDoNotFit() {
    Tensor values = zeros(DType.I8, ROWS, COLUMNS);
    refused("w_scale: expected shape [3], but missing", values, null);
    refused("w_scale: expected shape [3], found [3, 1]", values, zeros(DType.F32, ROWS, 1));
    refused("w_scale: expected F32, found BF16", values, zeros(DType.BF16, ROWS));
    for (float scale : new float[] {-1, Float.NaN, Float.POSITIVE_INFINITY}) {
      refused(
          "w_scale: expected finite scales, 0 or more, found " + scale + " at 1",
          values,
          Tensor.of(new float[] {1, scale, 1}, ROWS));
    }
    Tensor packed = zeros(DType.U8, ROWS, COLUMNS / 2);
    String groups =
        "w_scale: expected shape [3, 128 / group], a group being a multiple of 32, found ";
    refused("w_scale: expected shape [3, 4], but missing", packed, null);
    for (int count : new int[] {0, 3, 8}) {
      refused(groups + "[3, " + count + "]", packed, zeros(DType.F32, ROWS, count));
    }
    refused(groups + "[3]", packed, zeros(DType.F32, ROWS));
    refused(groups + "[4, 2]", packed, zeros(DType.F32, 4, 2));
    refused("w_scale: expected F32, found F16", packed, zeros(DType.F16, ROWS, 2));
  }

  @Test
  void refusesValuesThatDoNotFit() {
    Tensor scales = zeros(DType.F32, ROWS);
    refused("w: expected shape [3, 128], found [3, 64]", zeros(DType.I8, ROWS, 64), scales);
    refused("w: expected shape [3, 64], found [3, 128]", zeros(DType.U8, ROWS, 128), scales);
    refused("w: expected F32, F16 or BF16, found I16", zeros(DType.I16, ROWS, COLUMNS), scales);
    refused("w: expected F32, F16 or BF16, found F8_E5M2", zeros(DType.F8_E5M2, ROWS, 128), scales);
    try (Checkpoint checkpoint = checkpoint(Map.of("w", zeros(DType.U8, ROWS, 24)))) {
      refused(
          "w: expected F32, F16 or BF16 because 48 columns are no multiple of 32, found U8",
          () -> Weights.of(checkpoint).matrix("w", ROWS, 48));
      refused(
          "v: expected shape [3, 5], but missing",
          () -> Weights.of(checkpoint).matrix("v", ROWS, 5));
    }
  }

  @Test
  void refusesQuantizedValuesWhereANetworkTakesNone() {
    try (Checkpoint checkpoint = checkpoint(Map.of("w", zeros(DType.I8, ROWS)))) {
      refused(
          "w: expected F32, F16 or BF16, found I8", () -> Weights.of(checkpoint).get("w", ROWS));
    }
  }

  @Test
  void scalesBesideValuesThatNeedNoneAreSurplus() {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put("w", zeros(DType.F32, ROWS, COLUMNS));
    tensors.put("w_scale", zeros(DType.F32, ROWS));
    try (Checkpoint checkpoint = checkpoint(tensors)) {
      Weights weights = Weights.of(checkpoint);
      weights.matrix("w", ROWS, COLUMNS);
      CheckpointException surplus = assertThrows(CheckpointException.class, weights::finish);
      assertEquals(
          folder.resolve("x.safetensors")
              + ": expected no tensors beyond those of the network, found 1 surplus: w_scale",
          surplus.getMessage());
    }
  }

  @Test
  void plansTheFormsThatReadersAccept() {
    for (Quantization form :
        List.of(
            Quantization.INT8, Quantization.FP8, Quantization.int4(32), Quantization.int4(64))) {
      PlannedTensors planned = PlannedTensors.of(DType.BF16, form::stored);
      StoredMatrix matrix = Weights.of(planned).matrix("w", ROWS, COLUMNS);
      if (matrix instanceof StoredMatrix.Groups(var groups)) {
        assertEquals(form.group(), groups.group());
      }
      TensorSpec asked = new TensorSpec("w", DType.BF16, Shape.of(ROWS, COLUMNS));
      assertEquals(form.stored(asked), planned.requests());
    }
  }

  @Test
  void fourBitsNeedGroupsThatFit() {
    assertEquals(
        "group: expected a multiple of unit = 32, found 48",
        assertThrows(IllegalArgumentException.class, () -> Quantization.int4(48)).getMessage());
    assertEquals(
        "group: expected a positive number, found 0",
        assertThrows(IllegalArgumentException.class, () -> Quantization.int4(0)).getMessage());
    assertEquals(
        "group: expected 0 for INT8, found 32",
        assertThrows(
                IllegalArgumentException.class,
                () -> new Quantization(Quantization.Format.INT8, 32))
            .getMessage());
    TensorSpec odd = new TensorSpec("w", DType.F32, Shape.of(2, 96));
    String message =
        assertThrows(IllegalArgumentException.class, () -> Quantization.int4(64).stored(odd))
            .getMessage();
    assertEquals("w: expected a matrix with a multiple of 64 columns, found [2, 96]", message);
  }

  private void refused(String problem, Tensor values, Tensor scales) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    tensors.put("w", values);
    if (scales != null) {
      tensors.put("w_scale", scales);
    }
    try (Checkpoint checkpoint = checkpoint(tensors)) {
      refused(problem, () -> Weights.of(checkpoint).matrix("w", ROWS, COLUMNS));
    }
  }

  private void refused(String problem, org.junit.jupiter.api.function.Executable reading) {
    CheckpointException refusal = assertThrows(CheckpointException.class, reading);
    assertEquals(folder.resolve("x.safetensors") + ": tensor " + problem, refusal.getMessage());
  }

  private Checkpoint checkpoint(Map<String, Tensor> tensors) {
    Path file = folder.resolve("x.safetensors");
    SafetensorsWriter.write(file, tensors, Map.of());
    return Checkpoint.open(file);
  }

  private static Tensor zeros(DType dtype, long... extents) {
    Shape shape = Shape.of(extents);
    long bytes = Math.max(1, shape.elements() * dtype.byteSize());
    return Tensor.host(dtype, shape, Arena.ofAuto().allocate(bytes));
  }
}
