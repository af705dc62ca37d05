package dev.orrery.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.io.StringReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.xml.parsers.DocumentBuilderFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.w3c.dom.Document;
import org.w3c.dom.Element;
import org.w3c.dom.NodeList;
import org.xml.sax.InputSource;

/** The page of measured speed is what the stored results give. */
class PerformancePageTest {
  private static final String MACHINE =
      new Machine("A \"fast\" CPU", 2, 512, "25", "-Dx=0", "2026-01-01").json();

  @TempDir Path root;

  @Test
  void pageIsUpToDate() throws IOException {
    Path checkout = Path.of(System.getProperty("project.root"));
    Path page = PerformancePage.file(checkout);
    String found = Files.exists(page) ? Files.readString(page).replace("\r\n", "\n") : "";
    assertEquals(
        PerformancePage.text(checkout),
        found,
        "docs/performance.md is not what the stored results give; write it with: "
            + PerformancePage.COMMAND);
  }

  /** Those of results that are gone are gone, too. */
  @Test
  void picturesAreUpToDate() throws IOException {
    Path checkout = Path.of(System.getProperty("project.root"));
    Map<Path, String> found = new TreeMap<>();
    Path folder = checkout.resolve(PerformancePage.PICTURES);
    if (Files.exists(folder)) {
      try (Stream<Path> files = Files.list(folder)) {
        for (Path file : files.toList()) {
          found.put(file, Files.readString(file).replace("\r\n", "\n"));
        }
      }
    }
    assertEquals(
        PerformancePage.pictures(checkout), found, "write them with: " + PerformancePage.COMMAND);
  }

  @Test
  void numbersOfTheReadmeAreUpToDate() throws IOException {
    Path checkout = Path.of(System.getProperty("project.root"));
    assertEquals(
        ReadmeNumbers.text(checkout),
        Files.readString(ReadmeNumbers.file(checkout)).replace("\r\n", "\n"),
        "the numbers in README.md are not what the stored results give; write them with: "
            + PerformancePage.COMMAND);
  }

  @Test
  void withoutResultsEverySectionSaysSo() {
    List<String> lines = PerformancePage.text(root).lines().toList();
    assertEquals(9, lines.stream().filter(line -> line.startsWith("Not yet measured.")).count());
    assertEquals(9, lines.stream().filter(line -> line.startsWith("## ")).count());
  }

  @Test
  void kernelsBecomeRowsWithTheirShares() throws IOException {
    store(
        "kernels.json",
        """
        {"machine": %s,
         "arithmetic": [{"kernel": "Matmul", "shape": "2 x 3", "milliseconds": 0.5,
           "gflops": 300, "most": 400, "allocatedBytes": 1234}],
         "memory": [{"kernel": "Add", "shape": "4", "milliseconds": 2.25,
           "gigabytes": 30, "most": 60, "allocatedBytes": 0}]}
        """
            .formatted(MACHINE));
    assertLine(
        "A fast CPU, 2 threads, vectors of 512 bits, JDK 25, 2026-01-01, JVM options `-Dx=0`.");
    assertLine("| Matmul | 2 x 3 | 0.500 | 300 | 400 | 75 % | 1.2 kB |");
    assertLine("| Add | 4 | 2.250 | 30 | 60 | 50 % | 0.0 kB |");
  }

  @Test
  void sessionsBecomeFramesPerSecond() throws IOException {
    store(
        "sessions.json",
        """
        {"machine": %s,
         "sessions": [{"model": "Demo", "what": "next chunk", "frames": 12,
           "milliseconds": 250, "allocatedBytes": 2000},
           {"model": "Demo", "what": "resume from a file", "frames": 0,
           "milliseconds": 50, "allocatedBytes": 3000}]}
        """
            .formatted(MACHINE));
    assertLine("| Demo | next chunk | 12 | 250.0 | 48.0 | 2.0 kB |");
    assertLine("| Demo | resume from a file | – | 50.0 | – | 3.0 kB |");
  }

  @Test
  void wholeModelsAreShownInParts() throws IOException {
    Path folder = Files.createDirectories(root.resolve(GpuPage.RESULTS).resolve("a-machine"));
    Files.writeString(
        folder.resolve(EndToEndReport.FILE),
        """
        {"machine": %s, "commit": "abc",
         "models": [{"name": "demo-world",
           "first": [
             {"java": 50, "loading": 900, "starting": 700, "making": 300},
             {"java": 60, "loading": 800, "starting": 600, "making": 400},
             {"java": 55, "loading": 850, "starting": 800, "making": 350}],
           "played": {"model": "A world", "frames": 12, "chunks": 120, "p50": 200, "p99": 250.5,
             "processor": 380, "passes": 4, "conditioning": 1, "denoising": 100, "decoding": 90,
             "completing": 9, "others": 0.25, "plannedBytes": 100000000, "peakBytes": 150000000,
             "codeBytes": 40000000,
             "settledBytes": {"50": 120000000, "100": 123000000, "120": 121000000}}}]}
        """
            .formatted(MACHINE));
    assertLine("| demo-world: A world | 55 | 850 | 700 | 350 | **1950** |");
    assertLine(
        "| demo-world | 60.0 | 200.0 | 250.5 | 380.0 | 1.0 | 4: 100.0 | 90.0 | 9.0 | 25 % |");
    assertLine("| demo-world | 120 | 100 | 150 | 40 | 121 | 2.5 % |");
    assertEquals(150e6, EndToEndPage.peakOfDemo(root).orElseThrow());
  }

  @Test
  void memoryOfASoakIsThatOfItsQuarters() throws IOException {
    Path folder = Files.createDirectories(root.resolve(GpuPage.RESULTS).resolve("a-machine"));
    String memory = "{\"objects\": %d000000, \"tensors\": 20000000, \"rest\": 1, \"code\": 2}";
    Files.writeString(
        folder.resolve(SoakReport.FILE),
        """
        {"machine": %s, "commit": "abc",
         "worlds": [{"name": "oasis", "result": {"chunks": 2000, "resumed": 4, "p50": 2, "p99": 5,
           "others": 0.125, "memory": [%s, %s], "broken": ["one", "two"]}}]}
        """
            .formatted(MACHINE, memory.replace("%d", "5"), memory.replace("%d", "6")));
    assertLine(
        "| oasis | 2000 | 4 | 2.50 | 13 % | 5.00 to 6.00 | 20.00 to 20.00 | 0.00 to 0.00 | one; two |");
  }

  @Test
  void eachGpuGetsItsSections() throws IOException {
    Path folder = Files.createDirectories(root.resolve(GpuPage.RESULTS).resolve("nvidia-x"));
    Files.writeString(
        folder.resolve(GpuPage.FILE),
        """
        {"gpu": "NVIDIA X", "driver": "580.1", "date": "2026-01-02", "commit": "abc",
         "sections": [{"name": "kernels", "result": "passed: 12 tests", "seconds": 34}],
         "bench": {"device": "NVIDIA X", "multiprocessors": 132, "teraflops": 700,
           "terabytes": 4.25, "peer": "PyTorch 2",
           "kernels": [
             {"kernel": "Matmul", "use": "q", "shape": "2 x 3", "dtype": "BF16", "calls": 7,
              "microseconds": 20, "teraflops": 350, "gigabytes": 12, "leastMicroseconds": 10,
              "bound": "arithmetic", "peerWay": "linear", "peerMicroseconds": 25},
             {"kernel": "Add", "use": "r", "shape": "4", "dtype": "F16", "calls": 1,
              "microseconds": 8, "teraflops": 0, "gigabytes": 3000, "leastMicroseconds": 6,
              "bound": "memory"}]},
         "model": {"model": "The model", "device": "NVIDIA X", "framesPerSecond": 61.25,
           "loadSeconds": 2.5, "coldFirstSeconds": 1.5, "startSeconds": 0.25,
           "firstSeconds": 0.5, "firstFrames": 9,
           "memory": {"plannedLoaded": 5000000000, "loaded": 5100000000,
             "plannedPlaying": 9000000000, "playing": 9100000000},
           "stages": [{"stage": "decoding", "milliseconds": 33.333}]}}
        """);
    assertLine("| kernels | passed: 12 tests | 34 |");
    assertLine(
        "| Matmul | q | 2 x 3 | BF16 | 7 | 20.0 | 350 | 12 | arithmetic | 50 % | 25.0 | 1.25 |");
    assertLine("| Add | r | 4 | F16 | 1 | 8.0 | 0 | 3000 | memory | 75 % | – | – |");
    assertLine("| decoding | 33.33 |");
    assertLine("| playing | 9000 | 9100 |");
    assertTrue(PerformancePage.text(root).contains("**61.3 frames a second**"));
    assertTrue(PerformancePage.text(root).lines().noneMatch("## GPUs"::equals));
  }

  @Test
  void machinesStandSideBySide() throws IOException {
    Path results = root.resolve(GpuPage.RESULTS);
    BenchResults first = RegressionCheckTest.recorded(1);
    first.write(results.resolve("a/quick.json"));
    Machine other = new Machine("B", 4, 256, "25", "", "2026-01-01");
    BenchCase made =
        new BenchCase(
            BenchId.of("Matmul", "size", "1x2x3"),
            new BenchCase.Work(3e9, 6e8),
            List.of(
                new BenchCase.Sample(10, 1, 1, 1, 0, 0), new BenchCase.Sample(20, 1, 1, 1, 0, 0)));
    new BenchResults(other, "abc", List.of(made)).write(results.resolve("b/quick.json"));
    assertLine("| Case | a ms | spread | GFLOP/s | GB/s | b ms | spread | GFLOP/s | GB/s |");
    assertLine("| Matmul size=1x2x3 | – | – | – | – | 15.000 | 33 % | 200 | 40 |");
    assertLine(
        "- b: B, 4 threads, vectors of 256 bits, JDK 25, 2026-01-01, JVM options ``. Commit abc.");
    assertEquals(
        first.cases().size() + 1,
        PerformancePage.text(root)
            .lines()
            .filter(line -> line.contains("| – | – | – | –"))
            .count());
  }

  /** A machine of 100 GFLOP/s and 10 GB/s: its ridge lies at ten operations for each byte. */
  @Test
  void kernelsLieBelowTheRoofOfTheirMachine() throws Exception {
    List<BenchCase> cases =
        List.of(
            took(BenchId.of(BenchSuite.PEAK), 1e8, 0, 1),
            took(BenchId.of(BenchSuite.COPY, "megabytes", "128"), 0, 1e7, 1),
            took(BenchId.of("Matmul", "size", "1x2x3"), 1e8, 1e6, 2),
            took(BenchId.of("Silu", "size", "4x5"), 1e7, 1e7, 4),
            took(BenchId.of("Patchify", "size", "6"), 0, 1e7, 4));
    Machine machine = new Machine("B", 4, 256, "25", "", "2026-01-01");
    Path file = root.resolve(GpuPage.RESULTS).resolve("b/quick.json");
    new BenchResults(machine, "", cases).write(file);
    assertLine("![Roofline of b](performance/roofline-b.svg)");
    Map<Path, String> pictures = PerformancePage.pictures(root);
    Path picture = root.resolve("docs/performance/roofline-b.svg");
    assertEquals(Set.of(picture), pictures.keySet());
    Document svg = parsed(pictures.get(picture));
    String words = svg.getDocumentElement().getTextContent();
    assertTrue(words.contains("Matmul 1x2x3: 50.0 GFLOP/s, 50 % of the roof"), words);
    assertTrue(words.contains("Silu 4x5: 2.5 GFLOP/s, 25 % of the roof"), words);
    assertTrue(words.contains("copying: 10.0 GB/s"), words);
    NodeList points = svg.getElementsByTagName("circle");
    assertEquals(2, points.getLength());
    // From one operation for each byte to a hundred, and from 2.5 GFLOP/s to 50.
    double right = number(points, 1, "cx") - number(points, 0, "cx");
    double up = number(points, 0, "cy") - number(points, 1, "cy");
    assertEquals(520 - 60, right, 0.2);
    assertEquals(Math.log10(20) * (470 - 40) / 2, up, 0.2);
  }

  /** Results without the limits of their machine have no roof. */
  @Test
  void withoutLimitsThereIsNoRoofline() throws IOException {
    RegressionCheckTest.recorded(1).write(root.resolve(GpuPage.RESULTS).resolve("a/quick.json"));
    assertEquals(Map.of(), PerformancePage.pictures(root));
    assertTrue(PerformancePage.text(root).lines().noneMatch(line -> line.contains("Roofline")));
  }

  private static BenchCase took(BenchId id, double operations, double bytes, double milliseconds) {
    return new BenchCase(
        id,
        new BenchCase.Work(operations, bytes),
        List.of(new BenchCase.Sample(milliseconds, 1, 1, 1, 0, 0)));
  }

  private static double number(NodeList elements, int index, String attribute) {
    return Double.parseDouble(((Element) elements.item(index)).getAttribute(attribute));
  }

  private static Document parsed(String svg) throws Exception {
    return DocumentBuilderFactory.newInstance()
        .newDocumentBuilder()
        .parse(new InputSource(new StringReader(svg)));
  }

  @Test
  void otherLibrariesAreComparedTurnByTurn() throws Exception {
    Path folder = Files.createDirectories(root.resolve(GpuPage.RESULTS).resolve("a-machine"));
    Files.writeString(
        folder.resolve(PeersPage.FILE),
        """
        {"machine": %s, "commit": "abc",
         "peers": [{"operation": "CAUSAL_CONV3D", "shape": "A x B = 2 x 3", "threads": 2,
           "operations": 6000000,
           "calls": [
             {"library": "Orrery", "way": "", "milliseconds": [1, 2, 3],
              "processorMilliseconds": [2, 4, 6]},
             {"library": "Other & 1", "way": "whole", "milliseconds": [2, 3, 6],
              "processorMilliseconds": [2, 3, 6]}]}]}
        """
            .formatted(MACHINE));
    assertLine("### On a-fast-512-bits");
    assertLine(
        "A fast CPU, 2 threads, vectors of 512 bits, JDK 25, 2026-01-01, JVM options `-Dx=0`."
            + " Commit abc.");
    assertLine(
        "| causal conv3d | A x B = 2 x 3 | 2 | Orrery | 2.000 | 50 % | 1.00 | 0 % | 3 | 2 |");
    assertLine(
        "| causal conv3d | A x B = 2 x 3 | 2 | Other & 1: whole | 3.000 | 67 % | 2.00 | 13 % | 2 | 2 |");
    Map<Path, String> pictures = PeersPage.pictures(root);
    Path file = root.resolve("docs/performance/peers-a-machine.svg");
    assertEquals(Set.of(file), pictures.keySet());
    Document svg = parsed(pictures.get(file));
    NodeList bars = svg.getElementsByTagName("rect");
    // The first is the background.
    assertEquals(3, bars.getLength());
    double ours = Double.parseDouble(((Element) bars.item(1)).getAttribute("width"));
    double other = Double.parseDouble(((Element) bars.item(2)).getAttribute("width"));
    assertEquals(ours / 2, other, 0.1);
    assertTrue(svg.getDocumentElement().getTextContent().contains("Other & 1: whole"));
    Path held = Files.createDirectories(root.resolve(GpuPage.RESULTS).resolve("b-machine"));
    Files.writeString(
        held.resolve(PeersPage.FILE),
        "{\"machine\": %s, \"peers\": []}".formatted(MACHINE.replace("-Dx=0", "-XX:UseAVX=2")));
    assertLine(
        "A fast CPU, 2 threads, vectors of 512 bits, JDK 25, 2026-01-01, JVM options `-XX:UseAVX=2`."
            + " OpenBLAS and libtorch were held to AVX2 as Java was; ONNX Runtime cannot be, and used"
            + " all of the processor.");
  }

  private void store(String name, String json) throws IOException {
    Path results = Files.createDirectories(root.resolve(PerformancePage.RESULTS));
    Files.writeString(results.resolve(name), json);
  }

  private void assertLine(String line) {
    String page = PerformancePage.text(root);
    assertTrue(page.lines().anyMatch(line::equals), () -> "expected " + line + " in\n" + page);
  }
}
