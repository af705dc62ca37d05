package dev.orrery.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.runtime.checkpoint.Quantization;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What clusters save follows from the sources' tiles. */
class ClusterPageTest {
  private static final Path CHECKOUT = Path.of(System.getProperty("project.root"));

  /** Cycles that a launch waits for the other blocks of its clusters. */
  private static final double WAITING = 2 * 2 * 180;

  private static FamilyLaunches.Chunk matrixGame;

  private final CudaCost alone = new CudaCost(CHECKOUT, new MatmulCost.Hopper(1, false));
  private final CudaCost paired = new CudaCost(CHECKOUT);

  @BeforeAll
  static void plan() {
    matrixGame = FamilyLaunches.onGpu("matrix-game-2", null);
  }

  private static PlannedLaunch launch(String shape) {
    return matrixGame.launches().stream()
        .filter(
            each -> (each.contract().getSimpleName() + " " + CudaCost.shape(each)).equals(shape))
        .findFirst()
        .orElseThrow(() -> new AssertionError("no " + shape));
  }

  /**
   * 21 rows of tiles become 22 for the pairs to have the same columns, still one round. Half of a
   * weight of 32 KB and an x of 16 are what a block asks L2 for.
   */
  @Test
  void sharesTheWeight() {
    PlannedLaunch launch = launch("MatmulResidual M x K x N = 2640 x 8960 x 1536");
    LaunchCost one = alone.of(launch);
    LaunchCost two = paired.of(launch);
    assertEquals("MatmulHopper 128x256 in pairs", two.kernel());
    assertEquals(21 * 6, one.blocks());
    assertEquals(22 * 6, two.blocks());
    assertEquals(1, two.rounds());
    assertEquals(32 * 1024 / 39.0, two.step().l2(), 1e-9);
    assertEquals(one.step().shared(), two.step().shared());
    double cycles = 140 * (48 * 1024 / 39.0 - 1024) - WAITING;
    assertEquals(cycles / HopperRates.CLOCK, one.seconds() - two.seconds(), 1e-12);
  }

  /** Where there is one row of tiles, two blocks have no columns in common. */
  @ParameterizedTest
  @ValueSource(
      strings = {
        "Matmul M x K x N = 3 x 1536 x 1024, 2 layers",
        "Matmul M x K x N = 36 x 128 x 128"
      })
  void sharesNothingInOneRowOfTiles(String name) {
    PlannedLaunch launch = launch(name);
    assertEquals(alone.of(launch), paired.of(launch));
  }

  /** What a GPU is asked for both: the same product with and without clusters. */
  @Test
  void fp16HasNone() {
    PlannedLaunch launch = launch("MatmulResidual M x K x N = 2640 x 8960 x 1536");
    PlannedLaunch half = GpuQuestions.withoutClusters(launch);
    assertEquals(alone.of(launch), paired.of(half));
  }

  /** The launcher's choice loses nowhere, at the peak of tensor cores or at what was measured. */
  @Test
  void pairsAreNowhereSlower() {
    for (double share : new double[] {1, HopperRates.SUSTAINED_SHARE}) {
      CudaCost without = new CudaCost(CHECKOUT, new MatmulCost.Hopper(share, false));
      CudaCost with = new CudaCost(CHECKOUT, new MatmulCost.Hopper(share, true));
      for (CudaCostPage.Model model : CudaCostPage.MODELS) {
        for (Quantization form : new Quantization[] {null, Quantization.INT8, Quantization.FP8}) {
          for (PlannedLaunch launch : FamilyLaunches.onGpu(model.family(), form).launches()) {
            assertTrue(
                with.of(launch).seconds() <= without.of(launch).seconds(),
                () -> model + ", " + share + ": " + CudaCost.shape(launch));
          }
        }
      }
    }
  }

  /** The way into a multiprocessor binds no product: 48 KB at 64 bytes a cycle are 768 cycles. */
  @Test
  void countsWhatAMultiprocessorTakesIn() {
    for (PlannedLaunch launch : matrixGame.launches()) {
      StepCycles step = paired.of(launch).step();
      if (paired.of(launch).kernel().startsWith("MatmulHopper")) {
        assertTrue(step.l2() >= step.shared() / 2, () -> CudaCost.shape(launch));
      }
    }
  }

  /** What the page's decision says. */
  @Test
  void whatIsSavedDependsOnWhatTensorCoresSustain() {
    for (CudaCostPage.Model model : CudaCostPage.MODELS) {
      for (Quantization form : new Quantization[] {null, Quantization.INT8, Quantization.FP8}) {
        ClusterPage.Saving saving =
            ClusterPage.saving(CHECKOUT, FamilyLaunches.onGpu(model.family(), form));
        boolean paying =
            switch (model.family()) {
              case "matrix-game-2" -> form != Quantization.INT8;
              case "worldplay-wan5b" -> form == Quantization.FP8;
              default -> false;
            };
        String message = model + ", " + form + ": " + saving;
        assertEquals(paying, saving.sustained() > 0.01 * saving.seconds(), message);
        assertTrue(saving.atThePeak() > saving.sustained(), message);
      }
    }
  }
}
