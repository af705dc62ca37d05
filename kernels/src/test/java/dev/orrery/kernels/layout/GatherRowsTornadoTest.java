package dev.orrery.kernels.layout;

import static dev.orrery.kernels.tornado.TornadoHarness.findsDroppedOffsets;
import static dev.orrery.kernels.tornado.TornadoHarness.same;

import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class GatherRowsTornadoTest {
  /** Dtype of the table, rows, columns, ids, rows left out at the start. */
  @ParameterizedTest
  @CsvSource({
    "F32, 512, 256, 40, 0",
    "BF16, 9, 24, 40, 0",
    "F16, 13, 207, 11, 0",
    "BF16, 5, 1, 23, 1",
    "F32, 4, 3, 9, 1",
    "F32, 1, 1, 1, 0"
  })
  void takesRowsByTheirNumbers(DType stored, int rows, int columns, int count, int skip) {
    for (boolean add : new boolean[] {false, true}) {
      same(
          GatherRows.class,
          (kernel, inputs) -> {
            Tensor table = inputs.exactly(1, stored, rows + skip, columns).slice(skip, rows + skip);
            int[] numbers = GatherRowsTest.someIds(count + skip, rows);
            Tensor ids = inputs.moved(GatherRowsTest.ids(numbers)).slice(skip, count + skip);
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
  void rowsThatDoNotExistAreNaN(DType stored) {
    for (boolean add : new boolean[] {false, true}) {
      same(
          GatherRows.class,
          (kernel, inputs) -> {
            Tensor table = inputs.exactly(1, stored, 4, 3);
            Tensor ids =
                inputs.moved(
                    GatherRowsTest.ids(3, 4, 0, -1, Integer.MAX_VALUE, 1, Integer.MIN_VALUE));
            Tensor out = inputs.sum(2, 7, 3);
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
  @EnumSource(names = {"F32", "BF16"})
  void findsPlantedBugs(DType stored) {
    findsDroppedOffsets(
        GatherRows.class,
        4,
        Set.of(stored == DType.F32 ? 1 : 0),
        (kernel, inputs) -> {
          Tensor out = inputs.output(12, 9);
          Tensor ids = inputs.moved(GatherRowsTest.ids(GatherRowsTest.someIds(12, 5)));
          kernel.run(inputs.exactly(1, stored, 5, 9), ids, out);
          return out;
        });
  }
}
