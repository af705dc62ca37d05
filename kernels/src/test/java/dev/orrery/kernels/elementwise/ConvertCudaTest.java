package dev.orrery.kernels.elementwise;

import static dev.orrery.kernels.cuda.CudaHarness.same;

import dev.orrery.kernels.KernelHarness;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class ConvertCudaTest {
  private static final DType[] TYPES = {DType.F32, DType.F16, DType.BF16};

  /** To the bit, with subnormal numbers, ties and overflow of fp16 among the values. */
  @ParameterizedTest
  @EnumSource(
      value = DType.class,
      names = {"F32", "F16", "BF16"})
  void roundsLikeTheReference(DType from) {
    for (DType to : TYPES) {
      for (int count : new int[] {1, 13, 2048, 5003}) {
        for (int skip : new int[] {0, 3}) {
          same(
              Convert.class,
              DType.F32,
              (kernel, inputs) -> {
                Tensor x = inputs.moved(spread(from, count + skip)).slice(skip, count + skip);
                Tensor out = inputs.exactly(2, to, count);
                kernel.run(x, out);
                return out;
              });
        }
      }
    }
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
