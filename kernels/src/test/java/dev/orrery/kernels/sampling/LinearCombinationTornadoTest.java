package dev.orrery.kernels.sampling;

import static dev.orrery.kernels.tornado.TornadoHarness.findsDroppedOffsets;

import dev.orrery.kernels.KernelCase;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.kernels.tornado.TornadoHarness;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class LinearCombinationTornadoTest {
  private static final double A = 0.2876543211;
  private static final double B = -0.7123456789;
  private static final double C = 1.3;

  /** Within a limit and not to the bit: the kernel has fp32, with or without {@code fma}. */
  @ParameterizedTest
  @CsvSource({"1, 0", "13, 0", "2048, 0", "5003, 3"})
  void agreesWithReference(int count, int skip) {
    agree(ofTwo(count, skip));
    agree(ofThree(count, skip));
  }

  private static KernelCase<LinearCombination> ofTwo(int count, int skip) {
    return (kernel, inputs) -> {
      Tensor x = inputs.fp32(1, count + skip).slice(skip, count + skip);
      Tensor out = inputs.output(count);
      kernel.run(A, x, B, inputs.fp32(2, count), out);
      return out;
    };
  }

  private static KernelCase<LinearCombination> ofThree(int count, int skip) {
    return (kernel, inputs) -> {
      Tensor x = inputs.fp32(1, count + skip).slice(skip, count + skip);
      Tensor out = inputs.output(count);
      kernel.run(A, x, B, inputs.fp32(2, count), C, inputs.fp32(3, count), out);
      return out;
    };
  }

  /**
   * Of a factor near 1 that fp32 would round, what is left after a subtraction has the right value
   * to 24 bits: a factor has more than 24.
   */
  @Test
  void factorsHaveMoreBitsThanFp32() {
    agree(
        (kernel, inputs) -> {
          Tensor x = inputs.fp32(1, 300);
          Tensor out = inputs.output(300);
          kernel.run(1, x, -1 - 0x1.234p-30, x, out);
          return out;
        });
    agree(
        (kernel, inputs) -> {
          Tensor x = inputs.fp32(1, 300);
          Tensor out = inputs.output(300);
          kernel.run(1 + 0x1.8p-30, x, 1 + 0x1.4p-29, x, -2 + 0x1.2p-28, x, out);
          return out;
        });
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 1, 2})
  void outputMayBeInput(int which) {
    agree(
        (kernel, inputs) -> {
          Tensor[] all = {inputs.fp32(3, 3, 301), inputs.fp32(4, 3, 301), inputs.fp32(5, 3, 301)};
          kernel.run(A, all[0], B, all[1], C, all[2], all[which]);
          return all[which];
        });
    agree(
        (kernel, inputs) -> {
          Tensor[] both = {inputs.fp32(3, 3, 301), inputs.fp32(4, 3, 301)};
          kernel.run(A, both[0], B, both[1], both[which % 2]);
          return both[which % 2];
        });
  }

  @Test
  void findsPlantedBugs() {
    findsDroppedOffsets(LinearCombination.class, 3, Set.of(), ofTwo(300, 0));
    findsDroppedOffsets(LinearCombination.class, 4, Set.of(), ofThree(300, 0));
  }

  private static void agree(KernelCase<LinearCombination> run) {
    TornadoHarness.agree(LinearCombination.class, run);
  }
}
