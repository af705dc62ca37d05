package dev.orrery.benchmarks;

import dev.orrery.model.session.ResidentMemory;
import dev.orrery.runtime.checkpoint.JsonValue;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.management.JMException;
import javax.management.ObjectName;

/**
 * The memory of this process, which {@link #OPTIONS} must have started, told apart by who needs it.
 *
 * @param objects bytes of Java objects that are in use
 * @param tensors bytes outside the heap, exactly as they were asked for; nearly all are tensors
 * @param rest bytes of the process in physical memory, without what Java takes to load and compile
 *     code, which goes on for long and says nothing of a world
 * @param code what Java takes for that
 */
record MemoryInUse(long objects, long tensors, long rest, long code) {
  /**
   * The Java machine counts what it asks the system for, and leaves no dead objects in the heap.
   */
  static final List<String> OPTIONS =
      List.of("-XX:NativeMemoryTracking=summary", "-XX:MarkSweepDeadRatio=0");

  private static final String TENSORS = "Other";

  /** What HotSpot calls what it takes for code, and the memory of its compilers. */
  private static final List<String> CODE =
      List.of("Compiler", "Arena Chunk", "Code", "Metaspace", "Class", "Symbol");

  /** Java gives memory back on another thread when its owner was collected. */
  private static final long CLEANING_MILLISECONDS = 50;

  /**
   * While the compilers work, not all that they have asked for is in physical memory yet, and the
   * rest would look smaller than it is. Of what they leave in a pool of arenas, which HotSpot
   * empties every five seconds, nearly all was written to and is there.
   */
  private static final String COMPILING = "Compiler";

  private static final long IDLE_COMPILERS = 2_000_000;
  private static final long MOST_MILLISECONDS_OF_COMPILING = 20_000;

  /** Now, after garbage collections, and once the compilers have nothing to do. */
  static MemoryInUse now() {
    System.gc();
    try {
      Thread.sleep(CLEANING_MILLISECONDS);
      for (long waited = 0;
          waited < MOST_MILLISECONDS_OF_COMPILING
              && committed(summary(), COMPILING) > IDLE_COMPILERS;
          waited += CLEANING_MILLISECONDS) {
        Thread.sleep(CLEANING_MILLISECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    long resident = ResidentMemory.settledBytes();
    String summary = summary();
    long code = committed(summary, CODE);
    return new MemoryInUse(
        ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed(),
        committed(summary, TENSORS),
        resident - code,
        code);
  }

  static MemoryInUse of(JsonValue stored) {
    return new MemoryInUse(
        stored.get("objects").asLong(),
        stored.get("tensors").asLong(),
        stored.get("rest").asLong(),
        stored.get("code").asLong());
  }

  private static String summary() {
    try {
      return (String)
          ManagementFactory.getPlatformMBeanServer()
              .invoke(
                  new ObjectName("com.sun.management:type=DiagnosticCommand"),
                  "vmNativeMemory",
                  new Object[] {new String[] {"summary", "scale=1"}},
                  new String[] {String[].class.getName()});
    } catch (JMException e) {
      throw new IllegalStateException("Java was not started with " + OPTIONS, e);
    }
  }

  private static long committed(String summary, List<String> categories) {
    return categories.stream().mapToLong(category -> committed(summary, category)).sum();
  }

  /**
   * What a category has of the system.
   *
   * @param summary as {@code jcmd PID VM.native_memory} prints it, in bytes
   * @return 0 if it has nothing
   */
  static long committed(String summary, String category) {
    Matcher found =
        Pattern.compile("- +" + category + " \\(reserved=\\d+, committed=(\\d+)").matcher(summary);
    return found.find() ? Long.parseLong(found.group(1)) : 0;
  }
}
