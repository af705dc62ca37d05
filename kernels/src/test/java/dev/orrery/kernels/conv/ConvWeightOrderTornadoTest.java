package dev.orrery.kernels.conv;

import static dev.orrery.kernels.KernelHarness.refused;
import static dev.orrery.kernels.tornado.TornadoHarness.findsDroppedOffsets;
import static dev.orrery.kernels.tornado.TornadoHarness.same;

import dev.orrery.kernels.KernelCase;
import dev.orrery.kernels.TornadoBackend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.kernels.tornado.TornadoHarness;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ConvWeightOrderTornadoTest {
  @ParameterizedTest
  @CsvSource({
    // dtype, Co, Ci, Kt, K
    "F32, 13, 7, 3, 3",
    "F16, 96, 5, 1, 3",
    "BF16, 5, 16, 3, 1",
    "BF16, 1, 1, 1, 1",
    "F32, 0, 7, 1, 3"
  })
  void movesEveryElement(DType dtype, int outChannels, int inChannels, int frames, int size) {
    same(ConvWeightOrder.class, order(dtype, outChannels, inChannels, frames, size));
  }

  private static KernelCase<ConvWeightOrder> order(
      DType dtype, int outChannels, int inChannels, int frames, int size) {
    return (kernel, inputs) -> {
      Tensor out = inputs.outputOf(dtype, frames, size, size, inChannels, outChannels);
      kernel.run(inputs.rounded(1, dtype, outChannels, inChannels, frames, size, size), out);
      return out;
    };
  }

  @ParameterizedTest
  @EnumSource(names = {"F32", "F16"})
  void findsPlantedBugs(DType dtype) {
    findsDroppedOffsets(ConvWeightOrder.class, 2, Set.of(), order(dtype, 5, 3, 3, 3));
  }

  @Test
  void refusesBytes() {
    try (TornadoBackend backend = TornadoHarness.open();
        TensorArena arena = backend.newArena()) {
      Tensor stored = arena.empty(DType.I8, 2, 3, 1);
      Tensor out = arena.empty(DType.I8, 1, 3, 2);
      refused(
          "stored: expected elements of 2 or 4 bytes, found I8[2, 3, 1]",
          () -> backend.kernel(ConvWeightOrder.class).run(stored, out));
    }
  }
}
