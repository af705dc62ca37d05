package dev.orrery.benchmarks;

import com.sun.management.OperatingSystemMXBean;
import java.lang.management.ManagementFactory;

/** What other programs had of this machine since something was begun. */
final class OtherPrograms {
  private final OperatingSystemMXBean system =
      ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class);

  /** From now on. */
  OtherPrograms() {
    share();
  }

  /** Their share of all processors since this was asked before, from 0 to 1. */
  double share() {
    return Math.max(0, system.getCpuLoad() - system.getProcessCpuLoad());
  }
}
