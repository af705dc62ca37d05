package dev.orrery.weights.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.weights.torch.TorchFiles;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** Ctrl-C, in a process of its own. */
@DisabledOnOs(OS.WINDOWS)
class WeightsInterruptionTest {
  /** 8 GB, which take no space on the disk and longer to convert than a signal takes to arrive. */
  private static final long ELEMENTS = 2_000_000_000;

  @TempDir Path folder;

  @Test
  void leavesNothingAndEndsWith130() throws Exception {
    Path archive = TorchFiles.writeHole(folder.resolve("large.pth"), "w", ELEMENTS);
    Path results = Files.createDirectory(folder.resolve("results"));
    String java = Path.of(System.getProperty("java.home"), "bin", "java").toString();
    Process process =
        new ProcessBuilder(
                java,
                "--add-modules=jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "convert",
                archive.toString(),
                results.resolve("a.safetensors").toString(),
                "--dtype=bf16")
            .redirectErrorStream(true)
            .start();
    List<String> told = new ArrayList<>();
    boolean begun = false;
    try (BufferedReader lines =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      String line;
      while ((line = lines.readLine()) != null) {
        told.add(line);
        if (!begun && line.startsWith("converting a, MiB: ")) {
          begun = true;
          assertEquals(1, list(results).size(), "a temporary folder");
          new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor();
        }
      }
    }
    assertEquals(130, process.waitFor(), told.toString());
    assertTrue(told.stream().noneMatch(line -> line.startsWith("orrery")), told.toString());
    assertEquals(List.of(), list(results));
  }

  private static List<Path> list(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    }
  }
}
