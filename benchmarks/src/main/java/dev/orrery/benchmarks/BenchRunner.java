package dev.orrery.benchmarks;

import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.profile.GCProfiler;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.ChainedOptionsBuilder;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;
import org.openjdk.jmh.runner.options.VerboseMode;

/**
 * Measures cases with JMH in rounds: all cases, then all again, each time in a process of its own,
 * so that what happens on the machine for some seconds does not meet all samples of one case.
 */
final class BenchRunner {
  /**
   * How long is measured.
   *
   * @param rounds how often all cases are
   * @param forks processes in a round; with 0 this process measures
   * @param warmups iterations before; those of sessions take three times as long as those of
   *     kernels
   * @param iterations that count
   * @param milliseconds of an iteration
   */
  record Effort(int rounds, int forks, int warmups, int iterations, int milliseconds) {
    /** Of {@code ./bench}: five minutes for a dozen of cases on two cores. */
    static final Effort QUICK = new Effort(2, 1, 5, 6, 250);

    /** Where there is time. */
    static final Effort FULL = new Effort(3, 1, 7, 6, 400);

    /** The one that results were measured with, which others can be compared with best. */
    static Effort of(BenchResults results) {
      int samples = results.cases().getFirst().samples().size();
      return samples >= FULL.rounds * FULL.iterations ? FULL : QUICK;
    }
  }

  /** As ./orrery starts Java: the size of the process then says what kernels and sessions take. */
  static final String[] FLAGS = {
    KernelReport.MODULE,
    KernelReport.NATIVE,
    "-XX:+UseSerialGC",
    "-Xmn16m",
    "-XX:TrimNativeHeapInterval=10000"
  };

  /** The demo world's chunks become no faster after some ten seconds. */
  private static final int SESSION_FACTOR = 3;

  private final Effort effort;
  private final int threads;
  private final Consumer<String> progress;

  /**
   * @param threads to compute with
   * @param progress is told every case that was measured, in one line
   */
  BenchRunner(Effort effort, int threads, Consumer<String> progress) {
    this.effort = effort;
    this.threads = threads;
    this.progress = progress;
  }

  /**
   * Measures.
   *
   * @param asked benchmarks; of a parameter that is not given all values
   * @return all cases, in the order asked
   */
  List<BenchCase> run(List<BenchId> asked) throws RunnerException, ReflectiveOperationException {
    Map<BenchId, BenchCase> measured = new LinkedHashMap<>();
    for (int round = 1; round <= effort.rounds(); round++) {
      for (BenchId id : asked) {
        for (RunResult result : run(id)) {
          BenchCase one = measured(result);
          progress.accept(line(round, one));
          measured.merge(one.id(), one, BenchCase::with);
        }
      }
    }
    return List.copyOf(measured.values());
  }

  private Collection<RunResult> run(BenchId id) throws RunnerException {
    boolean session = id.benchmark().contains("Session");
    TimeValue time = TimeValue.milliseconds(effort.milliseconds() * (session ? SESSION_FACTOR : 1));
    ChainedOptionsBuilder options =
        new OptionsBuilder()
            .include(id.pattern())
            .param("threads", Integer.toString(threads))
            .forks(effort.forks())
            .warmupIterations(effort.warmups() * (session ? 2 : 1))
            .warmupTime(time)
            .measurementIterations(effort.iterations())
            .measurementTime(time)
            .jvmArgsAppend(FLAGS)
            .addProfiler(Calibration.class)
            .addProfiler(GCProfiler.class)
            .shouldFailOnError(true)
            .verbosity(VerboseMode.SILENT);
    id.parameters().forEach((name, value) -> options.param(name, value));
    Collection<RunResult> results = new Runner(options.build()).run();
    if (results.isEmpty()) {
      throw new RunnerException("there is no benchmark " + id);
    }
    return results;
  }

  private static BenchCase measured(RunResult result) throws ReflectiveOperationException {
    List<BenchCase.Sample> samples = new ArrayList<>();
    result
        .getBenchmarkResults()
        .forEach(
            fork ->
                fork.getIterationResults().forEach(iteration -> samples.add(sample(iteration))));
    return new BenchCase(BenchId.of(result.getParams()), work(result.getParams()), samples);
  }

  private static BenchCase.Sample sample(IterationResult iteration) {
    @SuppressWarnings("rawtypes") // as JMH has it
    Map<String, Result> others = iteration.getSecondaryResults();
    return new BenchCase.Sample(
        iteration.getPrimaryResult().getScore(),
        others.get(Calibration.PROCESSOR).getScore(),
        others.get(Calibration.LOOP).getScore(),
        others.get(Calibration.LOOP_PROCESSOR).getScore(),
        Jmh.scoreOrNone(others.get(Jmh.ALLOCATED)),
        others.get(Calibration.RESIDENT).getScore());
  }

  private static BenchCase.Work work(BenchmarkParams params) throws ReflectiveOperationException {
    Class<?> type = BenchId.type(params.getBenchmark());
    if (!KernelCase.class.isAssignableFrom(type)) {
      return BenchCase.Work.UNCOUNTED;
    }
    KernelCase kernel = KernelReport.withParameters(type.asSubclass(KernelCase.class), params);
    return new BenchCase.Work(kernel.operations(), kernel.bytes());
  }

  private String line(int round, BenchCase measured) {
    Spread times = measured.spread(BenchCase.Sample::milliseconds);
    return String.format(
        Locale.ROOT,
        "%d/%d %11.4f ms  %3.0f %%  %s",
        round,
        effort.rounds(),
        times.median(),
        100 * times.share(),
        measured.id());
  }
}
