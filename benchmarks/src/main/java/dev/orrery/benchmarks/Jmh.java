package dev.orrery.benchmarks;

import java.util.Collection;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.CommandLineOptionException;
import org.openjdk.jmh.runner.options.CommandLineOptions;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/** JMH as the reports use it: one benchmark class at a time, with its allocations counted. */
final class Jmh {
  /** How {@link GCProfiler} calls the bytes of Java objects that a call made. */
  static final String ALLOCATED = "gc.alloc.rate.norm";

  private final CommandLineOptions options;
  private final int threads;

  /**
   * Takes over options of JMH's command line, such as {@code -wi 1 -i 1} for a quick look or {@code
   * -p threads=4}; without that one, all processors compute.
   */
  Jmh(String... args) throws CommandLineOptionException {
    options = new CommandLineOptions(args);
    threads =
        options.getParameter("threads").hasValue()
            ? Integer.parseInt(options.getParameter("threads").get().iterator().next())
            : Runtime.getRuntime().availableProcessors();
  }

  /** Threads that the benchmarks compute with. */
  int threads() {
    return threads;
  }

  /** Runs all cases of a benchmark. */
  Collection<RunResult> run(Class<?> benchmark) throws RunnerException {
    return new Runner(
            new OptionsBuilder()
                .parent(options)
                .include("\\b" + benchmark.getSimpleName() + "\\b")
                .param("threads", Integer.toString(threads))
                .addProfiler(GCProfiler.class)
                .shouldFailOnError(true)
                .build())
        .run();
  }

  /**
   * Mean time of a call in the fastest iteration: other programs on the machine only ever add time.
   */
  static double milliseconds(RunResult result) {
    return result.getPrimaryResult().getStatistics().getMin();
  }

  /** Bytes of Java objects that a call made. JMH leaves the figure out where there were none. */
  static double allocatedBytes(RunResult result) {
    return scoreOrNone(result.getSecondaryResults().get(ALLOCATED));
  }

  /** The score of what {@link GCProfiler} leaves out where there was nothing. */
  static double scoreOrNone(Result<?> allocated) {
    return allocated == null ? 0 : allocated.getScore();
  }
}
