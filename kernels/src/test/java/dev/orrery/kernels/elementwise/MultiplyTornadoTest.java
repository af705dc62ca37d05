package dev.orrery.kernels.elementwise;

import static dev.orrery.kernels.tornado.TornadoHarness.findsDroppedOffsets;
import static dev.orrery.kernels.tornado.TornadoHarness.same;

import dev.orrery.kernels.tensor.Tensor;
import java.util.Set;
import org.junit.jupiter.api.Test;

class MultiplyTornadoTest {
  @Test
  void equalsReferenceAtAnySizeAndAddress() {
    for (int count : new int[] {1, 13, 2048, 5003}) {
      for (int skip : new int[] {0, 3}) {
        same(
            Multiply.class,
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
          Multiply.class,
          (kernel, inputs) -> {
            Tensor a = inputs.fp32(3, 7, 301);
            Tensor b = inputs.fp32(4, 7, 301);
            Tensor out = first ? a : b;
            kernel.run(a, b, out);
            return out;
          });
    }
  }

  @Test
  void findsPlantedBugs() {
    findsDroppedOffsets(
        Multiply.class,
        3,
        Set.of(),
        (kernel, inputs) -> {
          Tensor out = inputs.output(300);
          kernel.run(inputs.fp32(1, 300), inputs.fp32(2, 300), out);
          return out;
        });
  }
}
