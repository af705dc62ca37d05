package dev.orrery.kernels.elementwise;

import static dev.orrery.kernels.cuda.CudaHarness.agree;

import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModulationCudaTest {
  /** The table has the dtype under test, everything else is fp32. */
  @ParameterizedTest
  @CsvSource({
    "6, 3, 1536, 6, F32",
    "6, 3, 1536, 6, BF16",
    "2, 3, 207, 1, F16",
    "2, 5, 207, 1, BF16",
    "1, 1, 1, 1, F32"
  })
  void agreesWithReference(int vectors, int frames, int channels, int embeddings, DType table) {
    agree(
        Modulation.class,
        DType.F32,
        (kernel, inputs) -> {
          Tensor out = inputs.output(vectors, frames, channels);
          kernel.run(
              inputs.exactly(1, table, vectors, channels),
              inputs.fp32(2, embeddings, frames, channels),
              out);
          return out;
        });
  }
}
