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

class FramesToBytesTornadoTest {
  @ParameterizedTest
  @CsvSource({"5003, 0, 0", "5003, 3, 5", "1, 0, 1"})
  void givesTheBytesOfTheReference(int count, int first, int firstByte) {
    same(FramesToBytes.class, run(count, first, firstByte));
  }

  private static KernelCase<FramesToBytes> run(int count, int first, int firstByte) {
    return (kernel, inputs) -> {
      Tensor x = inputs.fp32(1, first + count).slice(first, first + count);
      Tensor all = inputs.outputOf(DType.U8, firstByte + count);
      Tensor out = all.slice(firstByte, firstByte + count);
      kernel.run(x, out);
      return out;
    };
  }

  /** The edges of the interval, the numbers around the steps between bytes, and no numbers. */
  @Test
  void treatsEdgesLikeTheReference() {
    float[] edges = {
      -1, 1, 0, -0.0f, -1.5f, 7, Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY, 0.5f
    };
    float[] values = new float[edges.length + 3 * 256];
    System.arraycopy(edges, 0, values, 0, edges.length);
    for (int pixel = 0; pixel < 256; pixel++) {
      float exact = pixel / 127.5f - 1;
      values[edges.length + 3 * pixel] = Math.nextDown(exact);
      values[edges.length + 3 * pixel + 1] = exact;
      values[edges.length + 3 * pixel + 2] = Math.nextUp(exact);
    }
    same(
        FramesToBytes.class,
        (kernel, inputs) -> {
          Tensor out = inputs.outputOf(DType.U8, values.length);
          kernel.run(inputs.values(values, values.length), out);
          return out;
        });
  }

  @Test
  void findsPlantedBugs() {
    findsDroppedOffsets(FramesToBytes.class, 2, Set.of(), run(300, 0, 0));
  }
}
