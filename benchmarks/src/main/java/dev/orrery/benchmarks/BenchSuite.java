package dev.orrery.benchmarks;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.openjdk.jmh.runner.BenchmarkList;
import org.openjdk.jmh.runner.format.OutputFormatFactory;
import org.openjdk.jmh.runner.options.VerboseMode;

/** Which benchmarks {@code ./bench} runs. */
final class BenchSuite {
  /** What no kernel computes faster than. */
  static final String PEAK = "PeakFma";

  /** How fast memory is. */
  static final String COPY = "CopyBandwidth";

  /**
   * The limits of the machine, then where models spend their time, at their shapes, and a chunk of
   * the demo world: what a change must not make slower.
   */
  static final List<BenchId> QUICK =
      List.of(
          BenchId.of(PEAK),
          BenchId.of(COPY, "megabytes", "128"),
          BenchId.of("Matmul", "size", "880x1536x1536", "weights", "F32"),
          BenchId.of("Matmul", "size", "3x768x768", "weights", "BF16"),
          BenchId.of("Attention", "size", "1x880x5280x12x128"),
          BenchId.of("TemporalAttention", "size", "3x15x880x16x64", "visibility", "ALL"),
          BenchId.of("CausalConv3d", "size", "3x3x3x96x96x4x176x320"),
          BenchId.of("Conv2d", "size", "1x320x320x10x40x64"),
          BenchId.of("GroupNorm", "size", "1x25600x320"),
          BenchId.of("LayerNormModulate", "size", "2640x1536"),
          BenchId.of("RmsNorm", "size", "2640x1536"),
          BenchId.of("ChannelRmsNorm", "size", "225280x96", "activation", "SILU"),
          BenchId.of("Softmax"),
          BenchId.of("Silu", "size", "2640x1536"),
          BenchId.of("Rope"),
          BenchId.of("Session.chunk", "before", "1"));

  /** The benchmark of a family's launches, whose cases are those of {@link FamilyLaunches}. */
  private static final String FAMILY = "Family";

  private BenchSuite() {}

  /** Every benchmark that there is, with all of its cases, but those of families. */
  static List<BenchId> full() {
    return names().stream().map(name -> BenchId.of(name)).toList();
  }

  /**
   * All cases of benchmarks and of families.
   *
   * @param asked {@code matmul} for all methods of one, {@code Session.chunk} for one of them;
   *     capital letters make no difference; {@code oasis} for all that a released model launches
   * @throws IllegalArgumentException with one line for the user, if there is none of a name
   */
  static List<BenchId> named(List<String> asked) {
    SortedSet<String> found = new TreeSet<>();
    List<BenchId> launches = new ArrayList<>();
    SortedSet<String> all = names();
    for (String name : asked) {
      String family = name.toLowerCase(Locale.ROOT);
      List<String> fitting = all.stream().filter(it -> fits(it, name)).toList();
      if (FamilyLaunches.names().contains(family)) {
        launches.addAll(launches(family));
      } else if (fitting.isEmpty()) {
        throw new IllegalArgumentException(
            "there is no benchmark "
                + name
                + "; there are "
                + String.join(", ", all)
                + ", and the models "
                + String.join(", ", FamilyLaunches.names()));
      }
      found.addAll(fitting);
    }
    return Stream.concat(found.stream().map(name -> BenchId.of(name)), launches.stream()).toList();
  }

  /** What a released model of a family launches. */
  private static List<BenchId> launches(String family) {
    return FamilyLaunches.released(family).keySet().stream()
        .map(launch -> BenchId.of(FAMILY, "family", family, "launch", launch))
        .toList();
  }

  private static boolean fits(String benchmark, String asked) {
    int method = benchmark.indexOf('.');
    return benchmark.equalsIgnoreCase(asked)
        || (method > 0 && benchmark.substring(0, method).equalsIgnoreCase(asked));
  }

  /** Names of all benchmarks but that of families, from what JMH found when they were compiled. */
  static SortedSet<String> names() {
    SortedSet<String> names = new TreeSet<>();
    BenchmarkList.defaultList()
        .getAll(OutputFormatFactory.createFormatInstance(System.out, VerboseMode.SILENT), List.of())
        .forEach(entry -> names.add(BenchId.benchmark(entry.getUsername())));
    names.remove(FAMILY);
    return names;
  }
}
