package dev.orrery.kernels.elementwise;

import static dev.orrery.kernels.tornado.TornadoHarness.findsDroppedOffsets;
import static dev.orrery.kernels.tornado.TornadoHarness.same;

import dev.orrery.kernels.KernelCase;
import dev.orrery.kernels.tensor.Tensor;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class AddTornadoTest {
  @Test
  void equalsReferenceAtAnySizeAndAddress() {
    for (int count : new int[] {1, 13, 2048, 5003}) {
      for (int skip : new int[] {0, 3}) {
        same(
            Add.class,
            (kernel, inputs) -> {
              Tensor a = inputs.fp32(1, count + skip).slice(skip, count + skip);
              Tensor b = inputs.fp32(2, count);
              Tensor out = inputs.output(count + skip).slice(skip, count + skip);
              kernel.run(a, b, out);
              return out;
            });
      }
    }
  }

  @Test
  void outputMayBeInput() {
    for (boolean first : new boolean[] {true, false}) {
      same(
          Add.class,
          (kernel, inputs) -> {
            Tensor a = inputs.fp32(3, 7, 301);
            Tensor b = inputs.fp32(4, 7, 301);
            Tensor out = first ? a : b;
            kernel.run(a, b, out);
            return out;
          });
    }
  }

  @ParameterizedTest
  @EnumSource(Add.Rows.class)
  void rowsEqualTheReference(Add.Rows rows) {
    for (int[] shape : new int[][] {{96, 6, 40}, {60, 4, 2}, {21, 7, 13}, {5, 1, 3}}) {
      same(Add.class, ofRows(shape[0], shape[1], shape[2], rows));
    }
  }

  private static KernelCase<Add> ofRows(int rows, int few, int columns, Add.Rows which) {
    return (kernel, inputs) -> {
      Tensor a = inputs.fp32(5, 1 + rows, columns).slice(1, 1 + rows);
      Tensor b = inputs.fp32(6, 2 + few, columns).slice(2, 2 + few);
      Tensor out = inputs.output(rows, columns);
      kernel.run(a, b, which, out);
      return out;
    };
  }

  @ParameterizedTest
  @EnumSource(Add.Rows.class)
  void outputOfRowsMayBeTheFirstInput(Add.Rows rows) {
    same(
        Add.class,
        (kernel, inputs) -> {
          Tensor a = inputs.fp32(3, 63, 13);
          kernel.run(a, inputs.fp32(4, 7, 13), rows, a);
          return a;
        });
  }

  @Test
  void findsPlantedBugs() {
    findsDroppedOffsets(
        Add.class,
        3,
        Set.of(),
        (kernel, inputs) -> {
          Tensor out = inputs.output(300);
          kernel.run(inputs.fp32(1, 300), inputs.fp32(2, 300), out);
          return out;
        });
  }

  @ParameterizedTest
  @EnumSource(Add.Rows.class)
  void findsPlantedBugsOfRows(Add.Rows rows) {
    findsDroppedOffsets(Add.class, 3, Set.of(), ofRows(12, 3, 7, rows));
  }
}
