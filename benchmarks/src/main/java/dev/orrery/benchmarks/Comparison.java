package dev.orrery.benchmarks;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/** Two results side by side, case by case. */
final class Comparison {
  private static final String HEAD =
      "       A ms  spread        B ms  spread     B/A  by loop             case\n";

  private Comparison() {}

  /**
   * The cases that both have: medians of the time of a call, how far the middle half of the
   * iterations spreads, the ratio of the medians, and that of processor times in units of the loop
   * beside each, which decides. It counts as slower or faster where three quarters of the
   * iterations of B lie on one side of the median of A and three quarters of A's on the other side
   * of the median of B. Then the cases that only one has.
   */
  static String text(BenchResults a, BenchResults b) {
    Map<BenchId, BenchCase> inA = a.byId();
    Map<BenchId, BenchCase> inB = b.byId();
    StringBuilder text = new StringBuilder();
    text.append("A: ").append(a.describe().replace("`", "")).append('\n');
    text.append("B: ").append(b.describe().replace("`", "")).append('\n');
    Set<BenchId> both = new LinkedHashSet<>(inA.keySet());
    both.retainAll(inB.keySet());
    if (!both.isEmpty()) {
      text.append(HEAD);
    }
    for (BenchId id : both) {
      text.append(row(inA.get(id), inB.get(id)));
    }
    text.append(only("A", inA.keySet(), both)).append(only("B", inB.keySet(), both));
    return text.toString();
  }

  private static String row(BenchCase a, BenchCase b) {
    Spread timeA = a.spread(BenchCase.Sample::milliseconds);
    Spread timeB = b.spread(BenchCase.Sample::milliseconds);
    Spread loopsA = a.spread(BenchCase.Sample::processorLoops);
    Spread loopsB = b.spread(BenchCase.Sample::processorLoops);
    return String.format(
        Locale.ROOT,
        "%11.4f  %4.0f %%  %10.4f  %4.0f %%  %6.3f   %6.3f  %-13s  %s\n",
        timeA.median(),
        100 * timeA.share(),
        timeB.median(),
        100 * timeB.share(),
        timeB.median() / timeA.median(),
        loopsB.median() / loopsA.median(),
        verdict(loopsA, loopsB),
        a.id());
  }

  private static String verdict(Spread a, Spread b) {
    if (b.lowerQuartile() > a.median() && b.median() > a.upperQuartile()) {
      return "slower";
    }
    if (a.lowerQuartile() > b.median() && a.median() > b.upperQuartile()) {
      return "faster";
    }
    return "within spread";
  }

  private static String only(String name, Set<BenchId> all, Set<BenchId> both) {
    List<BenchId> rest = new ArrayList<>(all);
    rest.removeAll(both);
    StringBuilder text = new StringBuilder();
    for (BenchId id : rest) {
      text.append("only in ").append(name).append(": ").append(id).append('\n');
    }
    return text.toString();
  }
}
