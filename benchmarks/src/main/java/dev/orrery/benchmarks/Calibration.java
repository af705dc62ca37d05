package dev.orrery.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import dev.orrery.model.session.ResidentMemory;
import java.lang.management.ManagementFactory;
import java.util.Collection;
import java.util.List;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.infra.IterationParams;
import org.openjdk.jmh.profile.InternalProfiler;
import org.openjdk.jmh.results.AggregationPolicy;
import org.openjdk.jmh.results.IterationResult;
import org.openjdk.jmh.results.Result;
import org.openjdk.jmh.results.ScalarResult;

/**
 * A loop that never changes, timed in the benchmark's own process right before and after every
 * iteration, on as many threads: what slows the machine slows both, so that their ratio can be
 * compared with that of another day. Beside kernels that memory bounds memory is copied, else
 * registers are multiplied and added. Also the processor time of a call and the memory that the
 * process needs.
 *
 * <p>JMH makes it; it has to come before other profilers, whose measurements then leave the loop
 * out.
 */
public final class Calibration implements InternalProfiler {
  /** Milliseconds of the loop. */
  static final String LOOP = "orrery.loop";

  /** Milliseconds of processor time that the loop took on all threads. */
  static final String LOOP_PROCESSOR = "orrery.loop.processor";

  /** Milliseconds of processor time that a call took on all threads. */
  static final String PROCESSOR = "orrery.processor";

  /** Bytes of the process, without dead objects and without what the compiler of Java keeps. */
  static final String RESIDENT = "orrery.resident";

  /** A twentieth of a second or so: some systems count processor time in hundredths. */
  private static final int ROUNDS = 24;

  private static final int COPIES = 4;
  private static final int COPIED_MEGABYTES = 32;

  private Runnable loop;
  private Times loopBefore;
  private double processorBefore;

  private record Times(double milliseconds, double processor) {}

  @Override
  public String getDescription() {
    return "a loop that never changes, timed beside the benchmark";
  }

  @Override
  public void beforeIteration(BenchmarkParams benchmark, IterationParams iteration) {
    if (loop == null) {
      loop = loop(benchmark);
      // Compiled by then.
      timeLoop();
    }
    loopBefore = timeLoop();
    processorBefore = processorMilliseconds();
  }

  @Override
  public Collection<? extends Result<?>> afterIteration(
      BenchmarkParams benchmark, IterationParams iteration, IterationResult result) {
    double processor = processorMilliseconds() - processorBefore;
    double calls = Math.max(1, result.getMetadata().getAllOps());
    Times loopAfter = timeLoop();
    return List.of(
        scalar(LOOP, (loopBefore.milliseconds + loopAfter.milliseconds) / 2, "ms"),
        scalar(LOOP_PROCESSOR, (loopBefore.processor + loopAfter.processor) / 2, "ms"),
        scalar(PROCESSOR, processor / calls, "ms"),
        scalar(RESIDENT, ResidentMemory.settledBytes(), "B"));
  }

  private static ScalarResult scalar(String name, double value, String unit) {
    return new ScalarResult(name, value, unit, AggregationPolicy.AVG);
  }

  private Times timeLoop() {
    double processor = processorMilliseconds();
    long began = System.nanoTime();
    for (int round = 0; round < ROUNDS; round++) {
      loop.run();
    }
    double milliseconds = (System.nanoTime() - began) / 1e6;
    return new Times(milliseconds, processorMilliseconds() - processor);
  }

  private static Runnable loop(BenchmarkParams params) {
    int threads = Integer.parseInt(params.getParam("threads"));
    if (KernelCase.Memory.class.isAssignableFrom(BenchId.type(params.getBenchmark()))) {
      CopyBandwidthBenchmark copy = new CopyBandwidthBenchmark();
      copy.threads = threads;
      copy.megabytes = COPIED_MEGABYTES;
      copy.open();
      return () -> {
        for (int i = 0; i < COPIES; i++) {
          copy.run();
        }
      };
    }
    PeakFmaBenchmark peak = new PeakFmaBenchmark();
    peak.threads = threads;
    peak.start();
    return peak::run;
  }

  private static double processorMilliseconds() {
    return ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getProcessCpuTime()
        / 1e6;
  }
}
