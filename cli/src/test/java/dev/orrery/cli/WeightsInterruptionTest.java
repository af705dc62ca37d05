package dev.orrery.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.weights.torch.TorchFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
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
    InterruptedProcess process =
        InterruptedProcess.run(
            Main.class,
            "converting a, MiB: ",
            () -> assertEquals(1, list(results).size(), "a temporary folder"),
            "weights",
            "convert",
            archive.toString(),
            results.resolve("a.safetensors").toString(),
            "--dtype=bf16");
    List<String> lines = process.lines();
    assertEquals(130, process.code(), lines.toString());
    assertTrue(lines.stream().noneMatch(line -> line.startsWith("orrery")), lines.toString());
    assertEquals(List.of(), list(results));
  }

  private static List<Path> list(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.toList();
    }
  }
}
