package dev.orrery.kernels.image;

import static dev.orrery.kernels.tornado.TornadoHarness.findsDroppedOffsets;
import static dev.orrery.kernels.tornado.TornadoHarness.same;

import dev.orrery.kernels.KernelCase;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ResizeAntialiasedTornadoTest {
  /** Larger, smaller, one axis only, neither, to and from a single pixel; tables of three sizes. */
  @ParameterizedTest
  @CsvSource({
    "48, 64, 3, 35, 40, BILINEAR",
    "17, 23, 3, 41, 29, BILINEAR",
    "90, 120, 1, 11, 13, BILINEAR",
    "20, 30, 4, 20, 17, BILINEAR",
    "20, 30, 3, 33, 30, BILINEAR",
    "9, 7, 3, 9, 7, BILINEAR",
    "31, 37, 3, 1, 1, BILINEAR",
    "1, 1, 2, 5, 3, BILINEAR",
    "48, 64, 3, 35, 40, BICUBIC",
    "17, 23, 3, 41, 29, BICUBIC",
    "70, 100, 1, 11, 13, BICUBIC",
    "20, 30, 4, 20, 17, BICUBIC",
    "20, 30, 3, 33, 30, BICUBIC",
    "9, 7, 3, 9, 7, BICUBIC",
    "31, 37, 3, 1, 1, BICUBIC",
    "1, 1, 2, 5, 3, BICUBIC",
    "48, 64, 3, 35, 40, LANCZOS",
    "17, 23, 3, 41, 29, LANCZOS",
    "70, 100, 1, 11, 13, LANCZOS",
    "20, 30, 4, 20, 17, LANCZOS",
    "20, 30, 3, 33, 30, LANCZOS",
    "9, 7, 3, 9, 7, LANCZOS",
    "31, 37, 3, 1, 1, LANCZOS",
    "1, 1, 2, 5, 3, LANCZOS",
    "1, 3000, 1, 1, 400, LANCZOS"
  })
  void isTheReferenceToTheBit(
      int rows, int columns, int channels, int outRows, int outColumns, ResizeFilter filter) {
    same(ResizeAntialiased.class, run(rows, columns, channels, outRows, outColumns, filter));
  }

  /** Images of two sizes of tables, one after the other on one device. */
  @Test
  void anImageMayBeLargerThanTheFirst() {
    same(
        ResizeAntialiased.class,
        (kernel, inputs) -> {
          run(5, 7, 3, 9, 4, ResizeFilter.LANCZOS).run(kernel, inputs);
          return run(1, 3000, 1, 1, 400, ResizeFilter.LANCZOS).run(kernel, inputs);
        });
  }

  private static KernelCase<ResizeAntialiased> run(
      int rows, int columns, int channels, int outRows, int outColumns, ResizeFilter filter) {
    return (kernel, inputs) -> {
      Tensor all = inputs.outputOf(DType.U8, outRows + 1, outColumns, channels);
      Tensor out = all.slice(1, outRows + 1);
      kernel.run(inputs.bytes(1, rows + 1, columns, channels).slice(1, rows + 1), filter, out);
      return out;
    };
  }

  @Test
  void findsPlantedBugs() {
    findsDroppedOffsets(
        ResizeAntialiased.class, 2, Set.of(), run(5, 7, 3, 9, 4, ResizeFilter.BILINEAR));
  }
}
