package dev.orrery.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * Whether what was measured is worse than a baseline of the same machine: 8 % slower in units of
 * the loop beside it, or 5 % more memory.
 *
 * <p>Processor time is compared, and so is elapsed time, which also tells when threads wait for
 * each other. Where other programs took processors from the loop in either measurement, they also
 * took caches and memory, from the loop more or less than from the kernel: then only processor time
 * counts, and a case is slower only if it took longer by itself, too. Other programs add time to
 * some iterations and seldom to most: so a case is slower only if the median and the lower quartile
 * of its iterations both are, and three quarters of these took longer than half of the baseline's.
 */
final class RegressionCheck {
  /** What takes this many times as long fails. */
  static final double SLOWER = 1.08;

  /** What takes this many times as much memory fails. */
  static final double MORE = 1.05;

  /** Bytes of a call that JMH cannot tell from those of its own loop. */
  private static final double ALLOCATED_NOISE = 4096;

  /** Bytes by which equal processes differ: compiled code, stacks of the compiler. */
  private static final double RESIDENT_NOISE = 8 << 20;

  /** What the loop gets of its processors where no other programs run. */
  private static final double UNDISTURBED = 0.9;

  /**
   * A case that is worse.
   *
   * @param what one line for the user
   */
  record Fault(BenchId id, String what) {}

  private final BenchResults baseline;

  RegressionCheck(BenchResults baseline) {
    this.baseline = baseline;
  }

  /**
   * The cases that are worse, in the order of the baseline; of one that is both slower and larger
   * both are told. Cases of only one of the two do not count.
   *
   * @throws IllegalArgumentException if it was measured on another machine, or with other threads
   */
  List<Fault> faults(BenchResults measured) {
    requireSame(baseline.machine(), measured.machine());
    Map<BenchId, BenchCase> now = measured.byId();
    List<Fault> faults = new ArrayList<>();
    for (BenchCase before : baseline.cases()) {
      BenchCase after = now.get(before.id());
      if (after != null) {
        slower(before, after).ifPresent(faults::add);
        more(
                before,
                after,
                "allocated by a call",
                BenchCase.Sample::allocatedBytes,
                ALLOCATED_NOISE)
            .ifPresent(faults::add);
        more(before, after, "of the process", BenchCase.Sample::residentBytes, RESIDENT_NOISE)
            .ifPresent(faults::add);
      }
    }
    return faults;
  }

  private static void requireSame(Machine was, Machine is) {
    if (!was.folder().equals(is.folder()) || was.threads() != is.threads()) {
      throw new IllegalArgumentException(
          "the baseline is of another machine: expected "
              + describe(is)
              + ", found "
              + describe(was));
    }
  }

  private static String describe(Machine machine) {
    return machine.folder() + " with " + machine.threads() + " threads";
  }

  private Optional<Fault> slower(BenchCase before, BenchCase after) {
    double byLoop = ratio(before, after, BenchCase.Sample::processorLoops);
    double ratio =
        isUndisturbed(before) && isUndisturbed(after)
            ? Math.max(byLoop, ratio(before, after, BenchCase.Sample::loops))
            : Math.min(byLoop, ratio(before, after, BenchCase.Sample::processorMilliseconds));
    if (ratio < SLOWER) {
      return Optional.empty();
    }
    return Optional.of(
        new Fault(
            before.id(),
            String.format(
                Locale.ROOT,
                "%s: %.1f %% slower by the loop beside it (%.4g ms, it was %.4g ms)",
                before.id(),
                100 * (ratio - 1),
                after.spread(BenchCase.Sample::milliseconds).median(),
                before.spread(BenchCase.Sample::milliseconds).median())));
  }

  /** How many times as long it takes; 1 where a difference may be chance. */
  private static double ratio(
      BenchCase before, BenchCase after, ToDoubleFunction<BenchCase.Sample> time) {
    Spread was = before.spread(time);
    Spread is = after.spread(time);
    boolean mostAre =
        is.lowerQuartile() >= SLOWER * was.lowerQuartile() && is.lowerQuartile() > was.median();
    return mostAre ? is.median() / was.median() : 1;
  }

  /** How many cases of results other programs disturbed, so that the check is weaker. */
  long disturbed(BenchResults results) {
    return results.cases().stream().filter(it -> !isUndisturbed(it)).count();
  }

  private boolean isUndisturbed(BenchCase measured) {
    return measured.spread(BenchCase.Sample::processors).median()
        >= UNDISTURBED * baseline.machine().threads();
  }

  private static Optional<Fault> more(
      BenchCase before,
      BenchCase after,
      String what,
      ToDoubleFunction<BenchCase.Sample> bytes,
      double noise) {
    double was = before.spread(bytes).median();
    double is = after.spread(bytes).median();
    if (is < MORE * was || is - was < noise) {
      return Optional.empty();
    }
    return Optional.of(
        new Fault(
            before.id(),
            String.format(
                Locale.ROOT,
                "%s: %.1f kB %s, it was %.1f kB",
                before.id(),
                is / 1e3,
                what,
                was / 1e3)));
  }
}
