package dev.orrery.kernels.image;

import static dev.orrery.kernels.tornado.TornadoHarness.agree;
import static dev.orrery.kernels.tornado.TornadoHarness.findsDroppedOffsets;

import dev.orrery.kernels.KernelCase;
import dev.orrery.kernels.tensor.Tensor;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResizeBicubicTornadoTest {
  /** Larger, smaller, neither, to and from a single pixel; places far from the first pixel. */
  @ParameterizedTest
  @CsvSource({
    "16, 16, 3, 35, 40",
    "41, 29, 2, 17, 23",
    "9, 7, 3, 9, 7",
    "31, 37, 1, 1, 1",
    "1, 1, 2, 5, 3",
    "1, 40000, 1, 1, 39999",
    "40001, 2, 1, 54001, 1"
  })
  void agreesWithReference(int rows, int columns, int channels, int outRows, int outColumns) {
    agree(ResizeBicubic.class, run(rows, columns, channels, outRows, outColumns));
  }

  private static KernelCase<ResizeBicubic> run(
      int rows, int columns, int channels, int outRows, int outColumns) {
    return (kernel, inputs) -> {
      Tensor out = inputs.output(outRows + 1, outColumns, channels).slice(1, outRows + 1);
      kernel.run(inputs.fp32(1, rows + 1, columns, channels).slice(1, rows + 1), out);
      return out;
    };
  }

  @Test
  void findsPlantedBugs() {
    findsDroppedOffsets(ResizeBicubic.class, 2, Set.of(), run(5, 7, 3, 9, 4));
  }
}
