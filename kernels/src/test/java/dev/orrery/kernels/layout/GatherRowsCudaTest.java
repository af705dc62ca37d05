package dev.orrery.kernels.layout;

import static dev.orrery.kernels.cuda.CudaHarness.agree;
import static dev.orrery.kernels.cuda.CudaHarness.same;

import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class GatherRowsCudaTest {
  /** Dtype of the table and of the result, rows, columns, ids, rows left out at the start. */
  @ParameterizedTest
  @CsvSource({
    "F32, F32, 512, 256, 40, 0",
    "BF16, BF16, 9, 24, 40, 0",
    "F16, F16, 13, 207, 11, 0",
    "BF16, F32, 5, 1, 23, 0",
    "F16, F32, 4, 8, 3, 1",
    "F32, F32, 4, 3, 9, 1",
    "F32, F32, 1, 1, 1, 0"
  })
  void movesValuesAsTheyAre(DType stored, DType dtype, int rows, int columns, int count, int skip) {
    same(
        GatherRows.class,
        dtype,
        (kernel, inputs) -> {
          Tensor table = inputs.exactly(1, stored, rows + skip, columns).slice(skip, rows + skip);
          Tensor ids = inputs.moved(ids(count + skip, rows)).slice(skip, count + skip);
          Tensor out = inputs.output(count, columns);
          kernel.run(table, ids, out);
          return out;
        });
  }

  /** Dtype of the table and of the result, rows, columns, ids. */
  @ParameterizedTest
  @CsvSource({
    "F32, BF16, 512, 256, 20",
    "F32, F16, 9, 24, 40",
    "BF16, F16, 13, 207, 11",
    "F16, BF16, 5, 1, 23",
    "BF16, BF16, 5, 8, 23",
    "F16, F16, 5, 40, 23",
    "F32, F32, 5, 13, 9",
    "BF16, F32, 5, 13, 9",
    "F16, F32, 5, 16, 9"
  })
  void convertsAndAdds(DType stored, DType dtype, int rows, int columns, int count) {
    for (boolean add : new boolean[] {false, true}) {
      agree(
          GatherRows.class,
          dtype,
          (kernel, inputs) -> {
            Tensor table = inputs.exactly(1, stored, rows, columns);
            Tensor ids = inputs.moved(ids(count, rows));
            Tensor out = inputs.sum(2, count, columns);
            if (add) {
              kernel.addTo(table, ids, out);
            } else {
              kernel.run(table, ids, out);
            }
            return out;
          });
    }
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "F16", "BF16"})
  void rowsThatDoNotExistAreNaN(DType dtype) {
    for (int columns : new int[] {16, 3}) {
      for (boolean add : new boolean[] {false, true}) {
        same(
            GatherRows.class,
            dtype,
            (kernel, inputs) -> {
              Tensor table = inputs.exactly(1, dtype, 4, columns);
              Tensor ids =
                  inputs.moved(
                      GatherRowsTest.ids(3, 4, 0, -1, Integer.MAX_VALUE, 1, Integer.MIN_VALUE));
              Tensor out = inputs.values(new float[7 * columns], 7, columns);
              if (add) {
                kernel.addTo(table, ids, out);
              } else {
                kernel.run(table, ids, out);
              }
              return out;
            });
      }
    }
  }

  private static Tensor ids(int count, int rows) {
    return GatherRowsTest.ids(GatherRowsTest.someIds(count, rows));
  }
}
