package dev.orrery.kernels.linear;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.orrery.kernels.cuda.CudaHarness;
import dev.orrery.kernels.cuda.CudaTestDevice;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.util.stream.DoubleStream;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
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
    return CudaHarness.onGpu(
        Matmul.class,
        DType.F32,
        CAPABILITY,
        (matmul, on) -> {
          float[] values = new float[inputs.length];
          for (int i = 0; i < values.length; i++) {
            values[i] = (float) inputs[i];
          }
          Tensor x = on.moved(Tensor.of(values, inputs.length, 1));
          Tensor one = on.moved(Tensor.of(new float[] {1}, 1, 1));
          Tensor out = on.output(inputs.length, 1);
          matmul.run(x, one, null, activation, out);
          return out;
        });
  }
}
