package dev.orrery.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What is said about TornadoVM is what was measured, and nothing of it is in what we ship. */
class TornadoReportTest {
  private static final Path ROOT = Path.of(System.getProperty("project.root"));
  private static final String TORNADO = "uk/ac/manchester";

  @Test
  void pageIsUpToDate() throws IOException {
    assertEquals(
        TornadoReport.text(ROOT),
        Files.readString(TornadoReport.page(ROOT)).replace("\r\n", "\n"),
        "docs/tornado.md is not what the stored results give; measure with: "
            + TornadoReport.COMMAND);
  }

  /** Of the modules that come before this one, and of what the benchmarks and the program carry. */
  @Test
  void noArtifactHoldsClassesOfTornadoVm() throws IOException {
    List<String> found = new ArrayList<>();
    int looked = 0;
    for (String module :
        List.of("kernels", "runtime", "model", "video", "play", "weights-tools", "cli")) {
      Path target = ROOT.resolve(module).resolve("target");
      Path classes = target.resolve("classes");
      assertTrue(Files.isDirectory(classes), "not built: " + classes);
      if (Files.exists(classes.resolve(TORNADO))) {
        found.add(classes.toString());
      }
      for (Path folder : List.of(target, target.resolve("lib"))) {
        for (Path jar : jars(folder)) {
          looked++;
          try (JarFile file = new JarFile(jar.toFile())) {
            if (file.stream().anyMatch(entry -> entry.getName().startsWith(TORNADO))) {
              found.add(jar.toString());
            }
          }
        }
      }
    }
    assertEquals(List.of(), found, looked + " jars");
  }

  private static List<Path> jars(Path folder) throws IOException {
    if (!Files.isDirectory(folder)) {
      return List.of();
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files.filter(file -> file.toString().endsWith(".jar")).toList();
    }
  }
}
