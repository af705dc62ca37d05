package dev.orrery.kernels.linear;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import dev.orrery.kernels.KernelCase;
import dev.orrery.kernels.cuda.CudaHarness;
import dev.orrery.kernels.cuda.CudaTestDevice;
import dev.orrery.kernels.cuda.PlantedBug;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ActivationCudaTest {
  private static final int CAPABILITY = 80;

  /** The error that {@code activation.cuh} states, which counts that of the instructions, too. */
  @ParameterizedTest
  @EnumSource(names = {"SILU", "GELU_TANH", "SIGMOID"})
  void errorIsAsStated(Activation activation) {
    if (!CudaTestDevice.supports(CAPABILITY)) {
      return;
    }
    double[] inputs =
        DoubleStream.concat(
                DoubleStream.of(0, 1e-30, -1e-30, 1e20, -1e20),
                IntStream.rangeClosed(-10_000, 10_000).mapToDouble(i -> i / 81.0))
            .map(y -> (float) y)
            .toArray();
    float[] found = apply(activation, inputs);
    for (int i = 0; i < inputs.length; i++) {
      double t = exponent(activation, inputs[i]);
      double expected = (activation == Activation.SIGMOID ? 1 : inputs[i]) / (1 + Math.pow(2, t));
      // The definition of GELU loses digits where tanh is near -1.
      assertEquals(activation.apply(inputs[i]), expected, 4e-15 * (1 + Math.abs(inputs[i])));
      double relative = 7e-7 + 2.5e-7 * Math.max(0, t);
      // A quotient of 100 by 2^126 counts as zero.
      double limit = Math.abs(expected) * relative + 0x1p-119;
      assertEquals(expected, found[i], limit, activation + " of " + inputs[i]);
    }
  }

  @Test
  void errorOfGeluByErfIsAsStated() {
    if (CudaTestDevice.supports(CAPABILITY)) {
      double[] inputs = inputsOf16Bits();
      assertEquals(List.of(), missesOfGeluByErf(inputs, apply(Activation.GELU_ERF, inputs)));
    }
  }

  /** One unit in the third or fourth digit of a coefficient is more than is stated. */
  @ParameterizedTest
  @CsvSource({
    "5.0000038e-1f, 5.0010038e-1f",
    "2.660283e-2f, 2.661283e-2f",
    "-4.6014351e-5f, -4.5914351e-5f",
    "1.09058e-4f, 1.09158e-4f",
    "-0.5f * kLog2E, -0.4999f * kLog2E"
  })
  @DisabledIfSystemProperty(named = "requireGpu", matches = "true")
  void wrongCoefficientsOfGeluByErfAreFound(String found, String replacement) {
    double[] inputs = inputsOf16Bits();
    PlantedBug bug = new PlantedBug("MatmulSimt", found, replacement, "");
    float[] values =
        bug.values(CAPABILITY, Matmul.class, DType.F32, product(Activation.GELU_ERF, inputs));
    assertNotEquals(List.of(), missesOfGeluByErf(inputs, values));
  }

  /**
   * All numbers of fp16 from 2^-12 to 16, which are those of bf16, too, of either sign: beyond them
   * GELU is half of y, y or zero, and some numbers of bf16 show that.
   */
  private static double[] inputsOf16Bits() {
    IntStream halves =
        IntStream.range(Float.floatToFloat16(0x1p-12f), Float.floatToFloat16(16))
            .flatMap(bits -> IntStream.of(bits, bits | 0x8000));
    return DoubleStream.concat(
            halves.mapToDouble(bits -> Float.float16ToFloat((short) bits)),
            IntStream.range(0, 1 << 16)
                .filter(bits -> bits % 61 == 0)
                .mapToDouble(bits -> Float.intBitsToFloat(bits << 16)))
        .filter(Double::isFinite)
        .toArray();
  }

  /** Results that are not within the error that {@code activation.cuh} states. */
  private static List<String> missesOfGeluByErf(double[] inputs, float[] found) {
    List<String> misses = new ArrayList<>();
    for (int i = 0; i < inputs.length; i++) {
      double y = inputs[i];
      double t = y < 0 ? y * y / 2 / Math.log(2) : 0;
      double expected = Activation.GELU_ERF.apply(y);
      // What is smaller than 2^-126 counts as zero.
      double limit = (1.5e-6 + 1e-7 * t) * Math.abs(expected) + Float.MIN_NORMAL;
      if (!(Math.abs(expected - found[i]) <= limit)) {
        misses.add(y + ": expected " + expected + ", found " + found[i]);
      }
    }
    return misses;
  }

  /** The t of the quotient by 1 + 2^t. */
  private static double exponent(Activation activation, double y) {
    double slope =
        activation == Activation.GELU_TANH
            ? 2 * Math.sqrt(2 / Math.PI) * (1 + 0.044715 * y * y)
            : 1;
    return -y * slope / Math.log(2);
  }

  /** Products of K = 1 by one. */
  private static float[] apply(Activation activation, double[] inputs) {
    return CudaHarness.onGpu(Matmul.class, DType.F32, CAPABILITY, product(activation, inputs));
  }

  private static KernelCase<Matmul> product(Activation activation, double[] inputs) {
    return (matmul, on) -> {
      float[] values = new float[inputs.length];
      for (int i = 0; i < values.length; i++) {
        values[i] = (float) inputs[i];
      }
      Tensor x = on.moved(Tensor.of(values, inputs.length, 1));
      Tensor one = on.moved(Tensor.of(new float[] {1}, 1, 1));
      Tensor out = on.output(inputs.length, 1);
      matmul.run(x, one, null, activation, out);
      return out;
    };
  }
}
