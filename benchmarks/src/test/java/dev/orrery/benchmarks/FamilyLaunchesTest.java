package dev.orrery.benchmarks;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.model.Families;
import dev.orrery.model.family.ModelFamily;
import dev.orrery.model.family.SyntheticScale;
import dev.orrery.runtime.checkpoint.Quantization;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What released models launch can be measured: every operation at every shape of every family. */
class FamilyLaunchesTest {
  static Stream<String> families() {
    return Families.ALL.list().stream().map(ModelFamily::id);
  }

  /** The kernels of a chunk, launched by themselves on other tensors, at the size of tests. */
  @ParameterizedTest
  @MethodSource("families")
  void everyLaunchComputes(String id) {
    ModelFamily family = Families.ALL.ofId(id).orElseThrow();
    Map<String, PlannedLaunch> launches =
        FamilyLaunches.of(
            family, SyntheticScale.TINY, List.of(Quantization.INT8, Quantization.int4(32)));
    assertFalse(launches.isEmpty());
    try (CpuBackend backend = CpuBackend.simd(1);
        TensorArena arena = backend.newArena()) {
      for (PlannedLaunch launch : launches.values()) {
        Kernel kernel = backend.kernel(launch.contract());
        Runnable call =
            launch.on(kernel, planned -> arena.empty(planned.dtype(), planned.shape().extents()));
        assertDoesNotThrow(call::run, launch::name);
      }
    }
  }

  /** An operation that a released model launches has a benchmark of its own, too. */
  @ParameterizedTest
  @MethodSource("families")
  void everyLaunchIsOfAnOperationWithABenchmark(String id) {
    Set<String> launched =
        FamilyLaunches.released(id).values().stream()
            .map(launch -> launch.contract().getSimpleName())
            .collect(Collectors.toCollection(TreeSet::new));
    launched.removeAll(BenchSuite.names());
    assertEquals(Set.of(), launched);
  }

  /** Shapes of the published transformer, in every form of its weights. */
  @Test
  void knowsTheShapesOfAReleasedModel() {
    Map<String, PlannedLaunch> launches = FamilyLaunches.released("matrix-game-2");
    String product = "F32[2640, 1536] %s BF16[8960] GELU_TANH F32[2640, 8960]";
    PlannedLaunch feedForward = launches.get("Matmul " + product.formatted("BF16[8960, 1536]"));
    assertTrue(feedForward != null, () -> String.join("\n", launches.keySet()));
    assertEquals(2.0 * 2640 * 1536 * 8960, feedForward.operations());
    assertEquals(4.0 * 2640 * (1536 + 8960) + 2.0 * 8960 * (1536 + 1), feedForward.bytes(), 0);
    Set<String> operations =
        launches.values().stream()
            .map(launch -> launch.contract().getSimpleName())
            .collect(Collectors.toSet());
    assertTrue(
        operations.containsAll(
            Set.of("MatmulInt8", "MatmulFp8", "MatmulInt4", "QuantizeRows", "CausalConv3d")),
        operations::toString);
  }

  @Test
  void aFamilyIsMeasuredByItsId() {
    List<BenchId> oasis = BenchSuite.named(List.of("Oasis"));
    assertEquals(FamilyLaunches.released("oasis").size(), oasis.size());
    assertTrue(oasis.stream().allMatch(id -> id.benchmark().equals("Family")), oasis::toString);
    assertFalse(BenchSuite.names().contains("Family"));
  }
}
