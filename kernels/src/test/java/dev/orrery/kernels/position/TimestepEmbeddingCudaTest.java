package dev.orrery.kernels.position;

import static dev.orrery.kernels.cuda.CudaHarness.agree;

import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TimestepEmbeddingCudaTest {
  /** Double precision on both sides: hardly a value may round to the other neighbour. */
  private static final double LIMIT = 1e-8;

  @ParameterizedTest
  @CsvSource({"3, 256", "1, 2", "7, 1002"})
  void agreesWithReference(int frames, int columns) {
    float[] timesteps = new float[frames];
    for (int f = 0; f < frames; f++) {
      timesteps[f] = 1000f * (f + 1) / (f + 3) - 333;
    }
    agree(
        TimestepEmbedding.class,
        DType.F32,
        LIMIT,
        (kernel, inputs) -> {
          Tensor out = inputs.output(frames, columns);
          kernel.run(inputs.moved(Tensor.of(timesteps, frames)), out);
          return out;
        });
  }
}
