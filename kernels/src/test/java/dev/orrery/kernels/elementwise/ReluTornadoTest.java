package dev.orrery.kernels.elementwise;

import static dev.orrery.kernels.tornado.TornadoHarness.findsDroppedOffsets;
import static dev.orrery.kernels.tornado.TornadoHarness.same;

import dev.orrery.kernels.tensor.Tensor;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ReluTornadoTest {
  @Test
  void agreesWithReferenceAtAnySizeAndAddress() {
    for (int count : new int[] {1, 13, 2048, 5003}) {
      for (int skip : new int[] {0, 3}) {
        same(
            Relu.class,
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
    same(
        Relu.class,
        (kernel, inputs) -> {
          Tensor x = inputs.fp32(2, 7, 301);
          kernel.run(x, x);
          return x;
        });
  }

  @Test
  void treatsEdgesLikeTheReference() {
    float[] edges = {
      0, -0.0f, Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 1e-7f, -1e-7f, 1, -1
    };
    same(
        Relu.class,
        (kernel, inputs) -> {
          Tensor x = inputs.moved(Tensor.of(edges, edges.length));
          kernel.run(x, x);
          return x;
        });
  }

  @Test
  void findsPlantedBugs() {
    findsDroppedOffsets(
        Relu.class,
        2,
        Set.of(),
        (kernel, inputs) -> {
          Tensor out = inputs.output(300);
          kernel.run(inputs.fp32(1, 300), out);
          return out;
        });
  }
}
