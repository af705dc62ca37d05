package dev.orrery.kernels.linear.quantized;

import dev.orrery.kernels.cuda.PlantedBug;
import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.linear.Matmul;
import dev.orrery.kernels.tensor.DType;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Mistakes planted in what this product does not share with {@link Matmul} are found on the
 * emulated GPU, where the kernels as they are pass.
 */
@DisabledIfSystemProperty(named = "requireGpu", matches = "true")
class MatmulFp8PlantedBugTest {
  /** Depths of 9 slices for the ring of six slots, and of no whole vector. */
  @ParameterizedTest
  @CsvSource(
      quoteCharacter = '"',
      delimiter = '|',
      value = {
        "MatmulFp8Hopper | 1152 | mbar_wait(ring.full(), ring.phase); | ; | shared memory",
        "MatmulFp8Hopper | 1152 | wgmma_wait<0>(); | wgmma_wait<1>(); | in flight",
        "MatmulFp8 | 131 | (weight, depth), rows | (weight, depth + 1), rows | out of bounds"
      })
  void plantedBugsAreFound(
      String stem, int depth, String found, String replacement, String report) {
    new PlantedBug(stem, found, replacement, report)
        .isReported(
            90,
            MatmulFp8.class,
            DType.BF16,
            ScaledMatmul.FP8.stored(13, depth, 70, Activation.NONE));
  }

  /** Of clusters, a slot that is released to the own block alone. */
  @Test
  void slotsAreReleasedToBothBlocks() {
    String release = "release<Shape>(ring.empty());";
    String alone = "if (threadIdx.x % 32 == 0) mbar_arrive(ring.empty());";
    new PlantedBug("MatmulFp8Hopper", release, alone, "deadlock")
        .isReported(
            90,
            MatmulFp8.class,
            DType.BF16,
            ScaledMatmul.FP8.stored(129, 1664, 257, Activation.NONE));
  }
}
