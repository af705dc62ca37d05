package dev.orrery.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.norm.LayerNorm;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.runtime.checkpoint.Quantization;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Work counted case by case agrees with the formulas for whole networks. */
class MatrixGame2CasesTest {
  /**
   * With L tokens, C channels and Lk cached tokens a layer has {@code 12 L C^2 + 4 L Lk C + 4 L 257
   * C + 4 L C 8960} operations; an action module has its linear layers and little else.
   */
  @Test
  void transformerHasTheOperationsOfItsLayers() {
    double tokens = 2640;
    double channels = 1536;
    double layer =
        12 * tokens * channels * channels
            + 4 * tokens * channels * (5280 + 257)
            + 4 * tokens * channels * 8960;
    double mouse = 2 * tokens * 1024 * (1560 + 1024 + 3 * 1024 + 1536);
    double keyboard = 2 * tokens * 1024 * 2 * channels + 2 * 3 * channels * 2048;
    double attentions = 4 * tokens * 1024 * (6 + 6);
    double ends = 2 * tokens * channels * (144 + 64) + 2 * 3 * 7 * channels * channels;
    double expected = 30 * layer + 15 * (mouse + keyboard + attentions) + ends;
    assertEquals(expected, operations(MatrixGame2Cases.transformer()), 1e-9 * expected);
    assertEquals(10.13e12, expected, 0.005e12);
  }

  /**
   * The layers of a block that are quantised do {@code 12 L C^2 + 4 L C 8960} of its operations.
   */
  @Test
  void quantizedLayersDoTheOperationsOfThoseTheyReplace() {
    double tokens = 2640;
    double channels = 1536;
    double expected = 30 * (12 * tokens * channels * channels + 4 * tokens * channels * 8960);
    for (Quantization form : MatrixGame2Cases.FORMS) {
      assertEquals(expected, operations(MatrixGame2Cases.quantized(form)), 1e-9 * expected);
    }
  }

  /** 7.63 TFLOP a latent frame, by another count of the released decoder's layers. */
  @Test
  void decoderHasTheOperationsOfItsLayers() {
    assertEquals(7.63e12, operations(MatrixGame2Cases.decoder()), 0.005e12);
  }

  @Test
  void everyCaseIsWorthMeasuring() {
    for (List<GpuCase> cases : MatrixGame2Cases.byDtype().values()) {
      for (GpuCase work : cases) {
        assertTrue(work.bytes() >= 2e6, work::toString);
        assertEquals(
            work.letters().split(" x ").length, Sizes.parse(work.size()).length, work::toString);
      }
    }
  }

  @Test
  void bytesAreThoseOfInputsWeightsAndOutputs() {
    assertEquals(2 * (6 + 15 + 10), GpuCase.matmul("", 1, "2x3x5").bytes());
    assertEquals(2 * (6 + 15 + 20), GpuCase.matmulResidual("", 1, "2x3x5").bytes());
    assertEquals(2 * 2 * (2 + 3) * 20, GpuCase.attention("", 1, "2x3x4x5").bytes());
    assertEquals(2 * 2 * (2 + 3) * 7 * 20, GpuCase.temporalAttention("", 1, "2x3x7x4x5").bytes());
    // Two frames of history and four new ones in, four out.
    assertEquals(
        2 * (6 * 77 * 5 + 4 * 77 * 8 + 27 * 40),
        GpuCase.causalConv3d("", 1, "3x3x3x5x8x4x7x11").bytes());
    assertEquals(
        2 * (4 * 77 * 5 + 4 * 77 * 8 + 9 * 40), GpuCase.conv2d("", 1, "3x3x5x8x4x7x11").bytes());
  }

  /** Values of one byte and of half a byte; scales of tokens and of groups, four bytes each. */
  @Test
  void bytesOfQuantizedOperandsAreCountedAsStored() {
    Quantization int4 = Quantization.int4(32);
    for (Quantization form : List.of(Quantization.INT8, Quantization.FP8)) {
      assertEquals(2 * 128 + 128 + 4 * 2, GpuCase.quantizeRows("", 1, "2x64", form).bytes());
      assertEquals(128 + 4 * 2 + 320 + 2 * 10, bytes(form, false));
      assertEquals(128 + 4 * 2 + 320 + 2 * 20, bytes(form, true));
    }
    assertEquals(2 * 128 + 160 + 4 * 10 + 2 * 10, bytes(int4, false));
    assertEquals(2 * 128 + 160 + 4 * 10 + 2 * 20, bytes(int4, true));
  }

  private static double bytes(Quantization form, boolean added) {
    return GpuCase.quantizedMatmul("", 1, "2x64x5", form, added).bytes();
  }

  @Test
  void shapesTellCallsOfAnOperationApart() {
    Quantization int4 = Quantization.int4(32);
    assertEquals(
        "M x K x N = 2 x 64 x 5, groups of 32, added",
        GpuCase.quantizedMatmul("", 1, "2x64x5", int4, true).shape());
    assertEquals(
        "M x K = 2 x 64, to fp8", GpuCase.quantizeRows("", 1, "2x64", Quantization.FP8).shape());
    List<String> calls =
        MatrixGame2Cases.byDtype().get(DType.BF16).stream()
            .filter(work -> work.form() != null)
            .map(work -> work.operation() + work.shape())
            .toList();
    assertEquals(4 * 3 + 2 * 2, Set.copyOf(calls).size());
    assertEquals(calls.size(), Set.copyOf(calls).size());
  }

  @Test
  void theSlowerPartBinds() {
    Roofline roofline = new Roofline("a GPU", 80, 1e12, 1e9);
    GpuCase copy = GpuCase.elements(LayerNorm.class, "", 1, "T x C", "10x100", 4);
    assertEquals(4e-6, roofline.seconds(copy), 1e-18);
    assertEquals(Roofline.Bound.MEMORY, roofline.bound(copy));
    GpuCase product = GpuCase.matmul("", 1, "10000x10000x10000");
    assertEquals(2, roofline.seconds(product), 1e-12);
    assertEquals(Roofline.Bound.ARITHMETIC, roofline.bound(product));
  }

  /** Before compute capability 8.9 only int8 is multiplied faster than bf16. */
  @Test
  void tensorCoresMultiplyEightBitsTwiceAsFast() {
    assertEquals(1, leastSeconds(80, Quantization.INT8), 1e-12);
    assertEquals(2, leastSeconds(80, Quantization.FP8), 1e-12);
    assertEquals(1, leastSeconds(89, Quantization.FP8), 1e-12);
    assertEquals(1, leastSeconds(90, Quantization.INT8), 1e-12);
    assertEquals(2, leastSeconds(90, Quantization.int4(32)), 1e-12);
  }

  private static double leastSeconds(int capability, Quantization form) {
    return new Roofline("a GPU", capability, 1e12, 1e9)
        .seconds(GpuCase.quantizedMatmul("", 1, "10000x10000x10000", form, false));
  }

  private static double operations(List<GpuCase> cases) {
    return cases.stream().mapToDouble(work -> work.calls() * work.operations()).sum();
  }
}
