package dev.orrery.kernels.position;

import static dev.orrery.kernels.tornado.TornadoHarness.agree;
import static dev.orrery.kernels.tornado.TornadoHarness.findsBugs;

import dev.orrery.kernels.position.RmsNormRope.Span;
import dev.orrery.kernels.tensor.Tensor;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class RmsNormRopeTornadoTest {
  private static final double EPS = 1e-6;

  /** Span, tokens, heads, head dim, pairs and rows of the table. */
  @ParameterizedTest
  @CsvSource({
    "TOKEN, 6, 12, 128, 64, 6",
    "TOKEN, 6, 3, 64, 32, 2",
    "TOKEN, 8, 2, 50, 21, 4",
    "TOKEN, 4, 3, 13, 6, 2",
    "TOKEN, 2, 70, 250, 125, 1",
    "TOKEN, 1, 1, 1, 0, 1",
    "HEAD, 3, 16, 64, 32, 3",
    "HEAD, 9, 5, 24, 4, 3",
    "HEAD, 4, 3, 128, 64, 2",
    "HEAD, 5, 3, 13, 6, 1",
    "HEAD, 3, 2, 300, 150, 3"
  })
  void agreesWithReference(
      Span span, int tokens, int heads, int headDim, int pairs, int tableRows) {
    int width = span == Span.TOKEN ? heads * headDim : headDim;
    for (boolean weighted : new boolean[] {true, false}) {
      agree(
          RmsNormRope.class,
          (kernel, inputs) -> {
            Tensor x = inputs.fp32(1, tokens, heads, headDim);
            Tensor weight = weighted ? inputs.fp32(2, width) : null;
            Tensor table = inputs.fp32(3, tableRows, pairs, 2);
            Tensor out = inputs.output(tokens, heads, headDim);
            kernel.run(x, span, weight, EPS, table, out);
            return out;
          });
    }
  }

  @ParameterizedTest
  @CsvSource({"TOKEN, 64", "HEAD, 64", "TOKEN, 13", "HEAD, 13"})
  void outputMayBeInput(Span span, int headDim) {
    int width = span == Span.TOKEN ? 6 * headDim : headDim;
    agree(
        RmsNormRope.class,
        (kernel, inputs) -> {
          Tensor x = inputs.fp32(1, 7, 6, headDim).slice(1, 7);
          Tensor weight = inputs.fp32(2, width + 1).slice(1, width + 1);
          Tensor table = inputs.fp32(3, 4, headDim / 2, 2).slice(1, 4);
          kernel.run(x, span, weight, EPS, table, x);
          return x;
        });
  }

  @ParameterizedTest
  @EnumSource
  void findsPlantedBugs(Span span) {
    findsBugs(
        RmsNormRope.class,
        4,
        Set.of(),
        (kernel, inputs) -> {
          Tensor out = inputs.output(4, 2, 70);
          Tensor weight = inputs.fp32(2, span == Span.TOKEN ? 140 : 70);
          kernel.run(inputs.fp32(1, 4, 2, 70), span, weight, EPS, inputs.fp32(3, 2, 30, 2), out);
          return out;
        });
  }
}
