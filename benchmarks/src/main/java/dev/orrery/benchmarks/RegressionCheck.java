package dev.orrery.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.ToDoubleFunction;

/**
 * Whether what was measured is worse than a baseline of the same machine: 8 % slower in units of
 * the loop beside it, or 5 % more memory, of the process or of objects that a call makes where
 * these matter beside its tensors.
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

  /**
   * Objects of a call that take less than this share of the bytes of its tensors are no regression,
   * however few they were: to write them costs no more than to write as much of a tensor.
   */
  private static final double NEGLIGIBLE = 0.01;

  /**
   * Bytes of a call whose work nobody counts: a chunk of a session calls thousands of kernels, and
   * which of their small objects C2 does without differs by hundreds of kilobytes.
   */
  private static final double SESSION_NOISE = 1 << 20;

  /** Bytes by which equal processes differ: compiled code, pages of the heap. */
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
        allocated(before, after).ifPresent(faults::add);
        resident(before, after).ifPresent(faults::add);
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

  /**
   * Objects that a call makes. The least of all iterations counts: which objects C2 does without
   * depends on what it inlines, and that differs from process to process with the same sources.
   */
  private static Optional<Fault> allocated(BenchCase before, BenchCase after) {
    double tensors = Math.max(before.work().bytes(), after.work().bytes());
    double noise = tensors == 0 ? SESSION_NOISE : Math.max(ALLOCATED_NOISE, NEGLIGIBLE * tensors);
    return more(
        before.id(),
        "allocated by a call",
        before.spread(BenchCase.Sample::allocatedBytes).least(),
        after.spread(BenchCase.Sample::allocatedBytes).least(),
        noise);
  }

  private static Optional<Fault> resident(BenchCase before, BenchCase after) {
    return more(
        before.id(),
        "of the process",
        before.spread(BenchCase.Sample::residentBytes).median(),
        after.spread(BenchCase.Sample::residentBytes).median(),
        RESIDENT_NOISE);
  }

  private static Optional<Fault> more(
      BenchId id, String what, double was, double is, double noise) {
    if (is < MORE * was || is - was < noise) {
      return Optional.empty();
    }
    return Optional.of(
        new Fault(
            id,
            String.format(
                Locale.ROOT, "%s: %.1f kB %s, it was %.1f kB", id, is / 1e3, what, was / 1e3)));
  }
}
