package dev.orrery.benchmarks;

import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;

/**
 * Time that something took.
 *
 * @param nanoseconds by the clock
 * @param processor of all Java threads together; other programs on the machine hardly change it
 */
record Spent(long nanoseconds, long processor) {
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  static final Spent NONE = new Spent(0, 0);

  /** Does something and takes its time. */
  static Spent on(Runnable work) {
    long processor = processorNow();
    long start = System.nanoTime();
    work.run();
    return new Spent(System.nanoTime() - start, processorNow() - processor);
  }

  private static long processorNow() {
    long sum = 0;
    for (long thread : THREADS.getAllThreadIds()) {
      // -1 of a thread that has ended.
      sum += Math.max(0, THREADS.getThreadCpuTime(thread));
    }
    return sum;
  }

  Spent plus(Spent other) {
    return new Spent(nanoseconds + other.nanoseconds, processor + other.processor);
  }

  Spent times(int count) {
    return new Spent(count * nanoseconds, count * processor);
  }

  /** The least of both, which may be of different attempts. */
  Spent least(Spent other) {
    return new Spent(
        Math.min(nanoseconds, other.nanoseconds), Math.min(processor, other.processor));
  }
}
