package dev.orrery.kernels.elementwise;

import static dev.orrery.kernels.tornado.TornadoHarness.agree;
import static dev.orrery.kernels.tornado.TornadoHarness.findsDroppedOffsets;

import dev.orrery.kernels.tensor.Tensor;
import java.util.Set;
import org.junit.jupiter.api.Test;

class SiluTornadoTest {
  @Test
  void agreesWithReferenceAtAnySizeAndAddress() {
    for (int count : new int[] {1, 13, 2048, 5003}) {
      for (int skip : new int[] {0, 3}) {
        agree(
            Silu.class,
            (kernel, inputs) -> {
              Tensor x = inputs.fp32(1, count + skip).slice(skip, count + skip);
              Tensor out = inputs.output(count + skip).slice(skip, count + skip);
              kernel.run(x, out);
              return out;
            });
      }
    }
  }

  @Test
  void outputMayBeInput() {
    agree(
        Silu.class,
        (kernel, inputs) -> {
          Tensor x = inputs.fp32(2, 7, 301);
          kernel.run(x, x);
          return x;
        });
  }

  /** {@code exp(-x)} overflows below -88. */
  @Test
  void isZeroFarBelowZero() {
    agree(
        Silu.class,
        (kernel, inputs) -> {
          Tensor x = inputs.moved(Tensor.of(new float[] {-1000, -100, -88, 0, 88, 1000}, 6));
          Tensor out = inputs.output(6);
          kernel.run(x, out);
          return out;
        });
  }

  @Test
  void findsPlantedBugs() {
    findsDroppedOffsets(
        Silu.class,
        2,
        Set.of(),
        (kernel, inputs) -> {
          Tensor out = inputs.output(300);
          kernel.run(inputs.fp32(1, 300), out);
          return out;
        });
  }
}
