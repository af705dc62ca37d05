package dev.orrery.benchmarks;

import dev.orrery.kernels.backend.HostArena;
import dev.orrery.kernels.cpu.CpuThreads;
import dev.orrery.kernels.tensor.DType;
import java.lang.foreign.MemorySegment;
import java.util.concurrent.TimeUnit;
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
 * The bandwidth of copying memory on all threads, for amounts that fit the caches and amounts that
 * do not: what a kernel that reads and writes as much can hope for.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 2, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 5, time = 300, timeUnit = TimeUnit.MILLISECONDS)
@Fork(
    value = 1,
    jvmArgsAppend = {KernelReport.MODULE, KernelReport.NATIVE})
public class CopyBandwidthBenchmark implements KernelCase.Memory {
  /** Threads to copy with. */
  @Param("2")
  public int threads;

  /** Read and written together, in units of 10^6 bytes. */
  @Param({"2", "8", "32", "128"})
  public int megabytes;

  private CpuThreads workers;
  private HostArena arena;
  private MemorySegment from;
  private MemorySegment to;

  @Setup
  public void open() {
    workers = new CpuThreads(threads);
    arena = new HostArena();
    from = arena.empty(DType.U8, megabytes * 500_000L).segment().fill((byte) 1);
    to = arena.empty(DType.U8, megabytes * 500_000L).segment();
  }

  @TearDown
  public void close() {
    arena.close();
    workers.close();
  }

  @Override
  public String shape() {
    return megabytes + " MB";
  }

  @Override
  public double operations() {
    return 0;
  }

  @Override
  public double bytes() {
    return megabytes * 1e6;
  }

  @Benchmark
  public MemorySegment run() {
    workers.forEach(
        threads,
        (thread, scratch) -> {
          long start = from.byteSize() * thread / threads;
          long end = from.byteSize() * (thread + 1) / threads;
          MemorySegment.copy(from, start, to, start, end - start);
        });
    return to;
  }
}
