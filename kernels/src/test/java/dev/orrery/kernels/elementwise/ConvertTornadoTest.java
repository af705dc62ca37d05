package dev.orrery.kernels.elementwise;

import static dev.orrery.kernels.tornado.TornadoHarness.findsDroppedOffsets;
import static dev.orrery.kernels.tornado.TornadoHarness.same;

import dev.orrery.kernels.KernelHarness;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConvertTornadoTest {
  private static final DType[] TYPES = {DType.F32, DType.F16, DType.BF16};

  /** To the bit, with subnormal numbers, ties and overflow of fp16 among the values. */
  @Test
  void roundsLikeTheReference() {
    for (DType from : TYPES) {
      for (DType to : TYPES) {
        for (int count : new int[] {1, 5003}) {
          same(
              Convert.class,
              (kernel, inputs) -> {
                Tensor x = inputs.moved(spread(from, count + 3)).slice(3, count + 3);
                Tensor out = inputs.exactly(2, to, count + 5).slice(5, count + 5);
                kernel.run(x, out);
                return out;
              });
        }
      }
    }
  }

  /** What only fp32 has, and what is no number; the harness takes all kinds of NaN for one. */
  @Test
  void treatsEdgesLikeTheReference() {
    float[] edges = {
      0,
      -0.0f,
      Float.NaN,
      Float.POSITIVE_INFINITY,
      Float.NEGATIVE_INFINITY,
      Float.MAX_VALUE,
      -Float.MAX_VALUE,
      Float.MIN_VALUE,
      Float.MIN_NORMAL,
      65504,
      65519.996f,
      65520,
      -65520,
      0x1p-24f,
      0x1p-25f,
      0x1.000002p-25f,
      0x1.ffep-15f,
      0x1p-133f,
      0x1p-134f,
      0x1.8p-133f
    };
    for (DType from : TYPES) {
      for (DType to : TYPES) {
        same(
            Convert.class,
            (kernel, inputs) -> {
              Tensor x = KernelHarness.normal(0, from, edges.length);
              new ConvertCpu().launch(Tensor.of(edges, edges.length), x);
              Tensor out = inputs.outputOf(to, edges.length);
              kernel.run(inputs.moved(x), out);
              return inputs.onDevice() ? out : rounded(out, to);
            });
      }
    }
  }

  @ParameterizedTest
  @CsvSource({"BF16, F32", "F32, F16", "F16, BF16", "F32, F32"})
  void findsPlantedBugs(DType from, DType to) {
    findsDroppedOffsets(
        Convert.class,
        2,
        Set.of(),
        (kernel, inputs) -> {
          Tensor out = inputs.exactly(2, to, 300);
          kernel.run(inputs.exactly(1, from, 300), out);
          return out;
        });
  }

  /** The reference keeps outputs in fp32. */
  private static Tensor rounded(Tensor values, DType to) {
    Tensor rounded = KernelHarness.normal(0, to, values.elements());
    new ConvertCpu().launch(values, rounded);
    return rounded;
  }

  /** Values from 2^-28 to 2^20, halfway between two of bf16 every third. */
  private static Tensor spread(DType dtype, int count) {
    float[] values = KernelHarness.normal(1, count).toFloats();
    for (int i = 0; i < count; i++) {
      values[i] = Math.scalb(values[i], i % 48 - 27);
      if (i % 3 == 0) {
        values[i] = Float.intBitsToFloat(Float.floatToRawIntBits(values[i]) & ~0xFFFF | 0x8000);
      }
    }
    Tensor rounded = KernelHarness.normal(0, dtype, count);
    new ConvertCpu().launch(Tensor.of(values, count), rounded);
    return rounded;
  }
}
