package dev.orrery.benchmarks;

import dev.orrery.kernels.attention.Attention;
import dev.orrery.kernels.linear.Matmul;
import dev.orrery.kernels.linear.MatmulResidual;
import dev.orrery.kernels.norm.LayerNormModulate;
import dev.orrery.kernels.position.RmsNormRope;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;

/**
 * Two launches that follow each other again and again, to measure what it gains that a kernel is
 * started while the one before it runs.
 */
record GpuOverlap(PlannedLaunch first, PlannedLaunch second) {
  /**
   * Short kernels behind short ones, long ones behind short ones, and the other ways round.
   *
   * @param launches of a model
   */
  static List<GpuOverlap> pairs(List<PlannedLaunch> launches) {
    return List.of(
        new GpuOverlap(largest(launches, RmsNormRope.class), largest(launches, RmsNormRope.class)),
        new GpuOverlap(largest(launches, LayerNormModulate.class), largest(launches, Matmul.class)),
        new GpuOverlap(largest(launches, Matmul.class), largest(launches, MatmulResidual.class)),
        new GpuOverlap(largest(launches, RmsNormRope.class), largest(launches, Attention.class)));
  }

  private static PlannedLaunch largest(List<PlannedLaunch> launches, Class<?> contract) {
    return launches.stream()
        .filter(launch -> launch.contract() == contract)
        .max(Comparator.comparing(PlannedLaunch::bytes))
        .orElseThrow();
  }

  String name() {
    return first.name() + ", " + second.name();
  }

  /**
   * The result, with what each launch gains beside its prediction.
   *
   * @param microseconds of both
   * @param oneAfterTheOther the same where the second is started when the first has ended
   */
  String json(double microseconds, double oneAfterTheOther) {
    return String.format(
        Locale.ROOT,
        "{\"pair\": \"%s\", \"microseconds\": %.2f, \"oneAfterTheOther\": %.2f,"
            + " \"gained\": %.2f, \"predictedGain\": %.2f}",
        name(),
        microseconds,
        oneAfterTheOther,
        (oneAfterTheOther - microseconds) / 2,
        1e6 * HopperRates.OVERLAP);
  }
}
