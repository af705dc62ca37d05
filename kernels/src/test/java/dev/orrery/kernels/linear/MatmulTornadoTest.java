package dev.orrery.kernels.linear;

import static dev.orrery.kernels.tornado.TornadoHarness.agree;
import static dev.orrery.kernels.tornado.TornadoHarness.findsBugs;

import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class MatmulTornadoTest {
  @ParameterizedTest
  @CsvSource({
    "1, 1, 1, F32, true",
    "16, 16, 16, BF16, false",
    "17, 33, 15, F16, true",
    "5, 40, 31, F32, false",
    "33, 17, 48, BF16, true",
    "2, 3, 8960, F32, true"
  })
  void agreesWithReference(int rows, int columns, int depth, DType dtype, boolean biased) {
    agree(
        Matmul.class,
        (matmul, inputs) -> {
          Tensor out = inputs.output(rows, columns);
          matmul.run(
              inputs.fp32(1, rows + 1, depth).slice(1, rows + 1),
              inputs.exactly(2, dtype, columns + 2, depth).slice(1, columns + 1),
              biased ? inputs.fp32(3, columns) : null,
              Activation.NONE,
              out);
          return out;
        });
  }

  @ParameterizedTest
  @EnumSource
  void appliesTheActivation(Activation activation) {
    agree(
        Matmul.class,
        (matmul, inputs) -> {
          Tensor out = inputs.output(40, 20);
          matmul.run(inputs.fp32(1, 40, 3), inputs.fp32(2, 20, 3), null, activation, out);
          return out;
        });
  }

  @Test
  void findsPlantedBugs() {
    for (DType weight : new DType[] {DType.F32, DType.BF16}) {
      findsBugs(
          Matmul.class,
          6,
          weight == DType.F32 ? Set.of(2, 4) : Set.of(1, 4),
          (matmul, inputs) -> {
            Tensor out = inputs.output(20, 18);
            matmul.run(
                inputs.fp32(1, 20, 33),
                inputs.exactly(2, weight, 18, 33),
                inputs.fp32(3, 18),
                Activation.SILU,
                out);
            return out;
          });
    }
  }
}
