package dev.orrery.kernels.linear.quantized;

import static dev.orrery.kernels.tornado.TornadoHarness.agree;
import static dev.orrery.kernels.tornado.TornadoHarness.findsBugs;
import static dev.orrery.kernels.tornado.TornadoHarness.same;

import dev.orrery.kernels.KernelCase;
import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.linear.Epilogue;
import dev.orrery.kernels.tensor.Tensor;
import java.util.Arrays;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class MatmulInt8TornadoTest {
  private static final ScaledMatmul<MatmulInt8> INT8 = ScaledMatmul.INT8;

  @ParameterizedTest
  @CsvSource({"1, 1, 1", "1, 16, 1", "16, 48, 16", "17, 33, 30", "33, 15, 17", "2, 8960, 3"})
  void agreesWithReference(int rows, int depth, int columns) {
    agree(MatmulInt8.class, INT8.stored(rows, depth, columns, Activation.NONE));
  }

  @ParameterizedTest
  @EnumSource
  void appliesTheActivation(Activation activation) {
    agree(MatmulInt8.class, INT8.stored(9, 39, 24, activation));
  }

  /** Frames that end inside a tile; one frame; no gate. */
  @ParameterizedTest
  @CsvSource({"39, 37, 29, 3", "20, 16, 16, 1", "12, 47, 24, 0"})
  void sumsAreAddedToTheResidual(int rows, int depth, int columns, int frames) {
    agree(MatmulInt8.class, INT8.added(rows, depth, columns, frames, true));
    agree(MatmulInt8.class, INT8.added(rows, depth, columns, frames, false));
  }

  /** The bits of sums in int32, beyond what fp32 could add. */
  @Test
  void largestSumsAreExact() {
    int depth = 1040;
    byte[] values = new byte[2 * depth];
    Arrays.fill(values, Byte.MIN_VALUE);
    values[0] = 1;
    values[depth] = Byte.MAX_VALUE;
    ScaledRows rows = Int8Rows.of(values, new float[] {1, 1}, depth);
    same(MatmulInt8.class, product(rows, rows));
  }

  /** Rows that begin at any byte, and vectors at any element. */
  @Test
  void tensorsMayBeginAnywhere() {
    agree(
        MatmulInt8.class,
        (matmul, inputs) -> {
          ScaledRows x = ScaledMatmul.moved(inputs, Int8Rows.random(1, 7, 37));
          ScaledRows weight = ScaledMatmul.moved(inputs, Int8Rows.random(2, 21, 37));
          Tensor out = inputs.output(6, 18).slice(1, 6);
          matmul.run(
              ScaledMatmul.slice(x, 1, 6),
              ScaledMatmul.slice(weight, 3, 21),
              inputs.fp32(3, 20).slice(1, 19),
              new Epilogue.Store(Activation.NONE, out));
          return out;
        });
  }

  private static KernelCase<MatmulInt8> product(ScaledRows x, ScaledRows weight) {
    return (matmul, inputs) -> {
      Tensor out = inputs.output(x.values().size(0), weight.values().size(0));
      matmul.run(
          ScaledMatmul.moved(inputs, x),
          ScaledMatmul.moved(inputs, weight),
          null,
          new Epilogue.Store(Activation.NONE, out));
      return out;
    };
  }

  @Test
  void findsPlantedBugs() {
    findsBugs(MatmulInt8.class, 7, Set.of(), INT8.added(20, 33, 18, 2, true));
  }
}
