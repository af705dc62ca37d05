package dev.orrery.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The table that ends {@code ./build}. */
class TestTimesTest {
  private static final long START = 1_000_000;

  @TempDir Path root;

  @Test
  void sumsTheReportsOfThisBuild() throws Exception {
    report("one", "A", "1,234.5", 10, 2, START + 5);
    report("one", "B", "0.25", 3, 0, START);
    report("two", "C", "59.9", 1, 1, START + 9);
    report("two", "D", "7000", 1, 0, START - 1);
    assertEquals(
        """

        Time of tests, minutes:
          20:35  one               13 tests in 2 classes, 2 skipped
           1:00  two                1 tests in 1 classes, 1 skipped
          21:35  all               14 tests in 3 classes, 3 skipped

        Slowest classes, seconds:
         1234.5  A
           59.9  C
            0.3  B
        """,
        run());
  }

  @Test
  void saysNothingWhereNothingWasTested() throws Exception {
    report("one", "A", "1", 1, 0, START - 1);
    assertEquals("", run());
  }

  private void report(
      String module, String name, String seconds, int tests, int skipped, long written)
      throws IOException {
    Path folder = Files.createDirectories(root.resolve(module + "/target/surefire-reports"));
    Path file = folder.resolve("TEST-" + name + ".xml");
    Files.writeString(
        file,
        """
        <?xml version="1.0" encoding="UTF-8"?>
        <testsuite name="%s" time="%s" tests="%d" errors="0" skipped="%d" failures="0">
          <properties/>
        </testsuite>
        """
            .formatted(name, seconds, tests, skipped));
    Files.setLastModifiedTime(file, FileTime.fromMillis(1000 * written));
  }

  private String run() throws IOException, InterruptedException {
    Process process =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                SourceTree.root().resolve("bin/TestTimes.java").toString(),
                root.toString(),
                Long.toString(START))
            .redirectErrorStream(true)
            .start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertEquals(0, process.waitFor(), text);
    return text;
  }
}
