package dev.orrery.kernels.linear;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.linear.MatmulHopperTile.Work;
import dev.orrery.kernels.tensor.DType;
import java.util.EnumSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Which launches are of clusters, and how many blocks they have. */
class MatmulHopperPlanTest {
  private static MatmulHopperPlan fastest(Work work, DType out, long rowBytes, int processors) {
    EnumSet<MatmulHopperTile> tiles = EnumSet.allOf(MatmulHopperTile.class);
    return MatmulHopperPlan.fastest(tiles, work, out, rowBytes, processors);
  }

  /**
   * Products of Matrix-Game 2.0 and WorldPlay-5B, of bf16 and on an H200, share the weight: 21 rows
   * of tiles take the place of 22 in as many rounds. Those of one row of tiles or of few slices,
   * and those where what fills the last pairs makes a round more, do not.
   */
  @ParameterizedTest
  @CsvSource({
    "1, 2640, 1536, 8960, true, 132",
    "1, 2640, 8960, 1536, true, 132",
    "1, 2640, 1560, 1024, true, 132",
    "3, 2640, 1536, 1536, true, 132",
    "1, 3520, 14336, 3072, true, 132",
    "1, 257, 1280, 5120, false, 120",
    "1, 128, 1536, 8960, false, 70",
    "1, 2640, 704, 1536, false, 126",
    "1, 2640, 705, 1536, true, 132",
    "1, 5632, 704, 1536, false, 132",
    "1, 5632, 1536, 768, true, 132",
    "1, 5504, 1536, 768, true, 132",
    "1, 384, 1536, 11264, false, 132",
    "2, 3, 1536, 1024, false, 16",
    "1, 3, 1536, 1024, false, 8"
  })
  void pairsWhereTheyTakeNoMoreRounds(
      int layers, int rows, int depth, int columns, boolean inPairs, int blocks) {
    MatmulHopperPlan plan = fastest(new Work(layers, rows, columns), DType.BF16, 2L * depth, 132);
    assertEquals(inPairs, plan.inPairs());
    assertEquals(blocks, plan.blocks(132));
    assertEquals(inPairs ? plan.tile().columns() / 2 : plan.tile().columns(), plan.weightRows());
  }

  /** Slices count by their bytes: of int8 they are twice as deep. */
  @Test
  void pairsOfBytes() {
    Work work = new Work(2640, 1536);
    assertFalse(fastest(work, DType.BF16, 1408, 132).inPairs());
    assertTrue(fastest(work, DType.BF16, 1409, 132).inPairs());
  }

  /** Other results than bf16 have no functions for pairs. */
  @ParameterizedTest
  @CsvSource({"F32", "F16"})
  void onlyInBf16(DType out) {
    assertFalse(fastest(new Work(2640, 1536), out, 3072, 132).inPairs());
  }

  /** Sizes of {@link MatmulPairTest} and others on the emulated GPU. */
  @ParameterizedTest
  @CsvSource({
    "1, 260, 250",
    "1, 260, 190",
    "1, 130, 576",
    "3, 130, 390",
    "1, 1537, 500",
    "1, 130, 136"
  })
  void pairsOnFourMultiprocessors(int layers, int rows, int columns) {
    assertTrue(fastest(new Work(layers, rows, columns), DType.BF16, 1424, 4).inPairs());
  }
}
