package dev.orrery.benchmarks;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A kernel whose time goes into reading and writing activations. Weights of a row or a frame are
 * not counted: they stay in the cache. Calls are short, so iterations may be, too.
 */
@Warmup(iterations = 3, time = 400, timeUnit = TimeUnit.MILLISECONDS)
@Measurement(iterations = 4, time = 300, timeUnit = TimeUnit.MILLISECONDS)
public abstract class MemoryBoundBenchmark extends KernelBenchmark implements KernelCase.Memory {}
