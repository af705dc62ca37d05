package dev.orrery.benchmarks;

import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.cpu.SimdTile;
import java.util.concurrent.TimeUnit;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The peak of fp32 arithmetic: fused multiply-adds of registers on all threads, which no kernel can
 * exceed. Twelve chains keep two units of four cycles latency busy.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 3, time = 500, timeUnit = TimeUnit.MILLISECONDS)
@Fork(
    value = 1,
    jvmArgsAppend = {KernelReport.MODULE, KernelReport.NATIVE})
public class PeakFmaBenchmark implements KernelCase.Arithmetic {
  private static final int CHAINS = 12;
  private static final int STEPS = 1_000_000;

  /** Threads to compute with. */
  @Param("2")
  public int threads;

  private CpuThreads workers;
  private float[] results;

  @Setup
  public void start() {
    workers = new CpuThreads(threads);
    results = new float[threads];
  }

  @TearDown
  public void stop() {
    workers.close();
  }

  @Override
  public String shape() {
    return CHAINS + " chains";
  }

  @Override
  public double operations() {
    return 2.0 * CHAINS * SimdTile.LANES * STEPS * threads;
  }

  /** Registers only. */
  @Override
  public double bytes() {
    return 0;
  }

  @Benchmark
  public float[] run() {
    workers.forEach(threads, (thread, scratch) -> results[thread] = chains(thread));
    return results;
  }

  private static float chains(float start) {
    FloatVector x0 = FloatVector.broadcast(SimdTile.SPECIES, start);
    FloatVector x1 = x0.add(1);
    FloatVector x2 = x0.add(2);
    FloatVector x3 = x0.add(3);
    FloatVector x4 = x0.add(4);
    FloatVector x5 = x0.add(5);
    FloatVector x6 = x0.add(6);
    FloatVector x7 = x0.add(7);
    FloatVector x8 = x0.add(8);
    FloatVector x9 = x0.add(9);
    FloatVector x10 = x0.add(10);
    FloatVector x11 = x0.add(11);
    FloatVector factor = FloatVector.broadcast(SimdTile.SPECIES, 0.999f);
    FloatVector term = FloatVector.broadcast(SimdTile.SPECIES, 0.001f);
    for (int i = 0; i < STEPS; i++) {
      x0 = x0.fma(factor, term);
      x1 = x1.fma(factor, term);
      x2 = x2.fma(factor, term);
      x3 = x3.fma(factor, term);
      x4 = x4.fma(factor, term);
      x5 = x5.fma(factor, term);
      x6 = x6.fma(factor, term);
      x7 = x7.fma(factor, term);
      x8 = x8.fma(factor, term);
      x9 = x9.fma(factor, term);
      x10 = x10.fma(factor, term);
      x11 = x11.fma(factor, term);
    }
    FloatVector low = x0.add(x1).add(x2).add(x3).add(x4).add(x5);
    FloatVector high = x6.add(x7).add(x8).add(x9).add(x10).add(x11);
    return low.add(high).reduceLanes(VectorOperators.ADD);
  }
}
