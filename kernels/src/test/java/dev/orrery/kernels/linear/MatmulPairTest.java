package dev.orrery.kernels.linear;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import dev.orrery.kernels.KernelCase;
import dev.orrery.kernels.cuda.CudaHarness;
import dev.orrery.kernels.cuda.CudaTestDevice;
import dev.orrery.kernels.cuda.PlantedBug;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.util.Arrays;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Products on Hopper whose blocks are clusters of two, which share the weight. {@link
 * MatmulHopperPlanTest} says that these sizes are; the last of their three rows of tiles has none
 * below it.
 */
class MatmulPairTest {
  private static final int HOPPER = 90;
  private static final int ROWS = 260;

  /** Tiles of 256, 192 and 128 columns. Three rows are one row of tiles, and no pairs. */
  @ParameterizedTest
  @CsvSource({"712, 250", "808, 190", "1256, 120"})
  void pairsGiveTheBitsOfProductsWithout(int depth, int columns) {
    if (!CudaTestDevice.supports(HOPPER)) {
      return;
    }
    float[] all =
        CudaHarness.onGpu(Matmul.class, DType.BF16, HOPPER, rows(0, ROWS, depth, columns));
    for (int first : new int[] {0, 127, 255, 257}) {
      int end = first + 3;
      assertArrayEquals(
          Arrays.copyOfRange(all, first * columns, end * columns),
          CudaHarness.onGpu(Matmul.class, DType.BF16, HOPPER, rows(first, end, depth, columns)));
    }
  }

  private static KernelCase<Matmul> rows(int first, int end, int depth, int columns) {
    return (matmul, inputs) -> {
      Tensor x = inputs.activation(1, ROWS, depth).slice(first, end);
      Tensor weight = inputs.activation(2, columns, depth);
      Tensor out = inputs.output(end - first, columns);
      matmul.run(x, weight, inputs.fp32(3, columns), Activation.NONE, out);
      return out;
    };
  }

  /** Mistakes in what two blocks do together. */
  static Stream<PlantedBug> bugs() {
    String count = "kConsumerWarps * Shape::kBlocks";
    String release = "threadIdx.x % 32 < Shape::kBlocks";
    String mask = "(1 << Shape::kBlocks) - 1)";
    String oneBlock = "if (blockIdx.x % 2 == 0)";
    String pair = "MATMUL(bf16_128x256_pair, bf16, WidePair, IN_PAIRS)\nMATMUL(";
    return Stream.of(
        bug("if constexpr (Shape::kBlocks > 1) cluster_sync();", "__syncthreads();", "mbarrier at"),
        bug(
            "if constexpr (Shape::kBlocks > 1) cluster_sync();",
            "if (threadIdx.x == 0) shared[0] = 1;\n  cluster_sync();\n  if (shared[0] == 2) return;",
            "shared memory race"),
        bug(
            "for (int i = 0; i < Shape::kStages; i++, ring.advance()) wait_until_empty(ring);",
            "",
            "ended"),
        bug(
            "if constexpr (Shape::kBlocks > 1) {\n    // The",
            oneBlock + " {\n    // The",
            "ended"),
        bug("i < Shape::kStages; i++, ring", "i < Shape::kStages - 1; i++, ring", "ended"),
        bug(release, "threadIdx.x % 32 == 0", "deadlock"),
        bug(release, "threadIdx.x % 32 == blockIdx.x % 2", "deadlock"),
        bug("mbar_arrive_in(empty, threadIdx.x % 32)", "mbar_arrive(empty)", "race"),
        bug("mbar_arrive_in(empty, threadIdx.x % 32)", "mbar_arrive_in(empty, 2)", "of a cluster"),
        bug(
            "if (" + release + ") mbar_arrive_in(empty, threadIdx.x % 32);",
            "if (threadIdx.x < 128 && threadIdx.x % 32 < 4) mbar_arrive_in(empty, threadIdx.x % 2);",
            "race"),
        bug(count, "kConsumerWarps", "shared memory race"),
        bug(mask, "1 << blockIdx.x % Shape::kBlocks)", "deadlock"),
        bug(mask, "2 - blockIdx.x % Shape::kBlocks)", "deadlock"),
        bug(mask, "0)", "deadlock"),
        bug(mask, "7)", "a multicast to block 2 of a cluster of 2"),
        bug(mask, "3 << blockIdx.x / 2 * 2)", "a multicast to block 2 of a cluster of 2"),
        bug("blockIdx.x % Shape::kBlocks * kRows", "blockIdx.x * kRows", "race"),
        bug("ring.weight() + part * kRowBytes", "ring.weight()", "shared memory race"),
        bug(
            "mbar_expect_tx(ring.full(), Shape::kSlotBytes);",
            "mbar_expect_tx(ring.full(), Shape::kSlotBytes - Shape::kTileN * kRowBytes / 2);",
            "read of uninitialised shared memory"),
        bug("wait_until_empty(ring);\n      mbar_expect", "mbar_expect", "more than 1 arrivals"),
        bug(
            "  if constexpr (Shape::kBlocks == 1) __syncthreads();\n",
            "  if (blockIdx.x % 2 == 1) return;\n",
            "ended"),
        bug(pair, "MATMUL(bf16_128x256_pair, bf16, WidePair)\nMATMUL(", "of a cluster of 1"));
  }

  private static PlantedBug bug(String found, String replacement, String report) {
    return new PlantedBug("MatmulHopper", found, replacement, report);
  }

  @ParameterizedTest
  @MethodSource("bugs")
  @DisabledIfSystemProperty(named = "requireGpu", matches = "true")
  void plantedBugsAreFound(PlantedBug bug) {
    bug.isReported(HOPPER, Matmul.class, DType.BF16, rows(0, ROWS, 808, 250));
  }

  static Stream<PlantedBug> wrongPlaces() {
    return Stream.of(
        bug("row + part, ring.full()", "row, ring.full()", "wrong"),
        bug("row_tile * Shape::kBlocks + blockIdx.x % Shape::kBlocks", "row_tile * 2", "wrong"),
        bug(
            "along_rows((along_rows + blocks - 1) / blocks)",
            "along_rows(along_rows / 2)",
            "wrong"));
  }

  @ParameterizedTest
  @MethodSource("wrongPlaces")
  @DisabledIfSystemProperty(named = "requireGpu", matches = "true")
  void wrongPlacesGiveOtherResults(PlantedBug bug) {
    bug.isWrong(HOPPER, Matmul.class, DType.BF16, rows(0, ROWS, 808, 250));
  }

  /** Where results are stored their bits stay; a residual is added to twice. */
  @Test
  @DisabledIfSystemProperty(named = "requireGpu", matches = "true")
  void tilesThatTwoClustersComputeAreFoundByResiduals() {
    KernelCase<MatmulResidual> run =
        (matmul, inputs) -> {
          Tensor residual = inputs.activation(3, 600, 120);
          Tensor x = inputs.activation(1, 600, 712);
          matmul.run(x, inputs.activation(2, 120, 712), null, null, residual);
          return residual;
        };
    bug("return gridDim.x / Shape::kBlocks", "return 1", "wrong")
        .isWrong(HOPPER, MatmulResidual.class, DType.BF16, run);
  }
}
