package dev.orrery.kernels.position;

import static dev.orrery.kernels.KernelHarness.refused;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.KernelHarness;
import dev.orrery.kernels.norm.RmsNorm;
import dev.orrery.kernels.position.RmsNormRope.Span;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RmsNormRopeTest {
  @ParameterizedTest
  @CsvSource({
    "TOKEN, 6, 3, 64, 32, 6",
    "TOKEN, 8, 2, 50, 21, 4",
    "HEAD, 9, 5, 24, 4, 3",
    "HEAD, 9, 5, 32, 16, 3"
  })
  void isTheNormThenTheRotation(
      Span span, int tokens, int heads, int headDim, int pairs, int tableRows) {
    Tensor x = KernelHarness.normal(1, tokens, heads, headDim);
    long width = span == Span.TOKEN ? (long) heads * headDim : headDim;
    Tensor weight = KernelHarness.normal(2, DType.BF16, width);
    Tensor table = KernelHarness.normal(3, tableRows, pairs, 2);
    KernelHarness.agree(
        RmsNormRope.class,
        (kernel, out) -> kernel.run(x, span, weight, 1e-6, table, out),
        tokens,
        heads,
        headDim);
    for (CpuBackend backend : List.of(CpuBackend.reference(1), CpuBackend.simd(2))) {
      try (backend) {
        long rows = x.elements() / width;
        Tensor normed = KernelHarness.normal(0, tokens, heads, headDim);
        backend
            .kernel(RmsNorm.class)
            .run(x.reshape(rows, width), weight, 1e-6, normed.reshape(rows, width));
        Tensor expected = KernelHarness.normal(0, tokens, heads, headDim);
        backend.kernel(Rope.class).run(normed, table, expected);
        Tensor inPlace = KernelHarness.normal(1, tokens, heads, headDim);
        backend.kernel(RmsNormRope.class).run(inPlace, span, weight, 1e-6, table, inPlace);
        assertArrayEquals(expected.toFloats(), inPlace.toFloats());
      }
    }
  }

  @Test
  void takesAWeightOfTheSpan() {
    Tensor x = KernelHarness.normal(1, 4, 3, 8);
    Tensor table = KernelHarness.normal(3, 4, 4, 2);
    Tensor perToken = KernelHarness.normal(2, 24);
    try (CpuBackend backend = CpuBackend.simd(1)) {
      RmsNormRope kernel = backend.kernel(RmsNormRope.class);
      refused(
          "weight: expected F32, F16 or BF16 [8], found F32[24]",
          () -> kernel.run(x, Span.HEAD, perToken, 1e-6, table, x));
    }
  }
}
