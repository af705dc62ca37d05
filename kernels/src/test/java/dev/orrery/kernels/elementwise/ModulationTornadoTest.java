package dev.orrery.kernels.elementwise;

import static dev.orrery.kernels.tornado.TornadoHarness.findsDroppedOffsets;
import static dev.orrery.kernels.tornado.TornadoHarness.same;

import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ModulationTornadoTest {
  /** The table may be of any dtype, everything else is fp32. */
  @ParameterizedTest
  @CsvSource({
    "6, 3, 1536, 6, F32",
    "6, 3, 1536, 6, BF16",
    "2, 3, 207, 1, F16",
    "2, 5, 207, 1, BF16",
    "3, 2, 13, 3, F16",
    "1, 1, 1, 1, F32"
  })
  void equalsReference(int vectors, int frames, int channels, int embeddings, DType table) {
    same(
        Modulation.class,
        (kernel, inputs) -> {
          Tensor out = inputs.output(vectors, frames, channels);
          kernel.run(
              inputs.exactly(1, table, vectors + 1, channels).slice(1, vectors + 1),
              inputs.fp32(2, embeddings + 1, frames, channels).slice(1, embeddings + 1),
              out);
          return out;
        });
  }

  @ParameterizedTest
  @CsvSource({"F32, 1", "BF16, 0"})
  void findsPlantedBugs(DType table, int unread) {
    findsDroppedOffsets(
        Modulation.class,
        4,
        Set.of(unread),
        (kernel, inputs) -> {
          Tensor out = inputs.output(2, 3, 20);
          kernel.run(inputs.exactly(1, table, 2, 20), inputs.fp32(2, 2, 3, 20), out);
          return out;
        });
  }
}
