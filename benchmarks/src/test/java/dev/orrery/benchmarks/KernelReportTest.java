package dev.orrery.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.File;
import java.lang.reflect.Modifier;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class KernelReportTest {
  /** Found among the compiled classes, so that a new benchmark cannot stay out of the report. */
  @Test
  void measuresEveryKernelThatMemoryBounds() throws Exception {
    File classes =
        new File(KernelReport.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    Set<String> found =
        Stream.of(new File(classes, "dev/orrery/benchmarks").list())
            .filter(file -> file.endsWith("Benchmark.class"))
            .map(file -> "dev.orrery.benchmarks." + file.replace(".class", ""))
            .filter(KernelReportTest::isMemoryBound)
            .collect(Collectors.toSet());
    assertEquals(
        found, KernelReport.MEMORY.stream().map(Class::getName).collect(Collectors.toSet()));
    assertEquals(found.size(), KernelReport.MEMORY.size());
  }

  /** A first case of an operation, counted by hand. */
  @Test
  void countsBytesByTheSize() {
    AddBenchmark add = new AddBenchmark();
    add.size = "3x5";
    assertEquals("R x C = 3 x 5", add.shape());
    assertEquals(3 * 4 * 15, add.bytes());
    RopeBenchmark rope = new RopeBenchmark();
    rope.size = "2x3x4";
    assertEquals(2 * 4 * 24 + 4 * 2 * 4, rope.bytes());
  }

  private static boolean isMemoryBound(String name) {
    try {
      Class<?> type = Class.forName(name, false, KernelReportTest.class.getClassLoader());
      return MemoryBoundBenchmark.class.isAssignableFrom(type)
          && !Modifier.isAbstract(type.getModifiers());
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e);
    }
  }
}
