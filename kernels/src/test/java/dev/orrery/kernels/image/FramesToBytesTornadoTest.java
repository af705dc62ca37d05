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
import org.junit.jupiter.params.provider.EnumSource;

class FramesToBytesTornadoTest {
  @ParameterizedTest
  @CsvSource({"5003, 0, 0, SIGNED", "5003, 3, 5, UNIT", "1, 0, 1, SIGNED"})
  void givesTheBytesOfTheReference(int count, int first, int firstByte, PixelRange range) {
    same(FramesToBytes.class, run(count, first, firstByte, range));
  }

  private static KernelCase<FramesToBytes> run(
      int count, int first, int firstByte, PixelRange range) {
    return (kernel, inputs) -> {
      Tensor x = inputs.fp32(1, first + count).slice(first, first + count);
      Tensor all = inputs.outputOf(DType.U8, firstByte + count);
      Tensor out = all.slice(firstByte, firstByte + count);
      kernel.run(x, range, out);
      return out;
    };
  }

  @ParameterizedTest
  @EnumSource(PixelRange.class)
  void treatsEdgesLikeTheReference(PixelRange range) {
    float[] values = FramesToBytesTest.edges(range);
    same(
        FramesToBytes.class,
        (kernel, inputs) -> {
          Tensor out = inputs.outputOf(DType.U8, values.length);
          kernel.run(inputs.values(values, values.length), range, out);
          return out;
        });
  }

  @Test
  void findsPlantedBugs() {
    findsDroppedOffsets(FramesToBytes.class, 2, Set.of(), run(300, 0, 0, PixelRange.SIGNED));
  }
}
