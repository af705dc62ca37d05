package dev.orrery.model.session;

import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalLong;
import javax.management.JMException;
import javax.management.MBeanServer;
import javax.management.ObjectName;

/** The memory that this process occupies. */
public final class ResidentMemory {
  private static final Path STATUS = Path.of("/proc/self/status");

  private ResidentMemory() {}

  /**
   * Bytes of this process that lie in physical memory, mapped files included. Where the system does
   * not tell (it is read from Linux's {@code /proc}), what the Java machine itself has committed.
   */
  public static long bytes() {
    return read("VmRSS:").orElseGet(ResidentMemory::committed);
  }

  /**
   * The most bytes that {@link #bytes} has been; where the system does not tell, what it is now.
   */
  public static long peakBytes() {
    return read("VmHWM:").orElseGet(ResidentMemory::committed);
  }

  /**
   * What {@link #bytes} is after a garbage collection and when the C library has given back what it
   * keeps for later. glibc keeps what C2 took to compile a large method: tens of megabytes that
   * seem to be lost long after a program began.
   */
  public static long settledBytes() {
    System.gc();
    trim();
    return bytes();
  }

  private static OptionalLong read(String field) {
    try {
      for (String line : Files.readAllLines(STATUS)) {
        if (line.startsWith(field)) {
          return OptionalLong.of(Long.parseLong(line.replaceAll("[^0-9]", "")) << 10);
        }
      }
    } catch (IOException e) {
      // No such file on other systems.
    }
    return OptionalLong.empty();
  }

  private static long committed() {
    var memory = ManagementFactory.getMemoryMXBean();
    return memory.getHeapMemoryUsage().getCommitted()
        + memory.getNonHeapMemoryUsage().getCommitted();
  }

  /** The C library gives free memory back to the system, as {@code jcmd} can ask for. */
  private static void trim() {
    MBeanServer server = ManagementFactory.getPlatformMBeanServer();
    try {
      ObjectName commands = new ObjectName("com.sun.management:type=DiagnosticCommand");
      if (server.isRegistered(commands)) {
        server.invoke(commands, "systemTrimNativeHeap", new Object[0], new String[0]);
      }
    } catch (JMException e) {
      // Java machines of other systems have no such command.
    }
  }
}
