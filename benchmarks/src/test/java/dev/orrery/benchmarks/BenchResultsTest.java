package dev.orrery.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.runtime.checkpoint.CheckpointException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What {@code ./bench} measures, stores, reads and compares. */
class BenchResultsTest {
  @TempDir Path folder;

  @BeforeAll
  static void besideOthers() {
    System.setProperty("jmh.ignoreLock", "true");
  }

  @Test
  void measuresWithTheLoopBesideIt() throws Exception {
    List<BenchId> asked = List.of(BenchId.of("Silu", "size", "2x8"));
    List<String> told = new ArrayList<>();
    List<BenchCase> cases =
        new BenchRunner(new BenchRunner.Effort(2, 0, 0, 1, 1), 1, told::add).run(asked);
    assertEquals(asked, cases.stream().map(BenchCase::id).toList());
    assertEquals(2, told.size());
    assertEquals(2, cases.getFirst().samples().size());
    for (BenchCase.Sample sample : cases.getFirst().samples()) {
      assertTrue(sample.milliseconds() > 0, sample::toString);
      assertTrue(sample.loopMilliseconds() > 0, sample::toString);
      assertTrue(sample.loopProcessorMilliseconds() > 0, sample::toString);
      assertTrue(sample.residentBytes() > 1e6, sample::toString);
    }
    assertEquals(2 * 4 * 16, cases.getFirst().work().bytes());
    BenchResults results = new BenchResults(Machine.here(1), "abc", cases);
    Path file = folder.resolve("made/for/it/a.json");
    results.write(file);
    assertEquals(results.json(), BenchResults.read(file).json());
    try (Stream<Path> beside = Files.list(file.getParent())) {
      assertEquals(List.of(file), beside.toList());
    }
  }

  @Test
  void quickBenchmarksExist() {
    Set<String> names = BenchSuite.names();
    for (BenchId id : BenchSuite.QUICK) {
      assertTrue(names.contains(id.benchmark()), id::toString);
    }
    assertEquals(
        List.of(
            BenchId.of("CausalConv3d"), BenchId.of("CausalConv3d.repeated"), BenchId.of("Silu")),
        BenchSuite.named(List.of("silu", "causalconv3d")));
    assertEquals(List.of(BenchId.of("Session.chunk")), BenchSuite.named(List.of("Session.chunk")));
    String message =
        assertThrows(
                IllegalArgumentException.class, () -> BenchSuite.named(List.of("silu", "nothing")))
            .getMessage();
    assertTrue(message.startsWith("there is no benchmark nothing; there are Add, "), message);
  }

  @ParameterizedTest
  @CsvSource({
    "AMD EPYC 9B45 64-Core Processor, 512, amd-epyc-9b45-512-bits",
    "Intel(R) Xeon(R) Platinum 8375C CPU @ 2.90GHz, 512, intel-xeon-platinum-8375c-512-bits",
    "12th Gen Intel(R) Core(TM) i7-1260P, 256, 12th-gen-intel-core-i7-1260p-256-bits",
    "aarch64, 128, aarch64-128-bits",
    "../ü, 64, unknown-64-bits"
  })
  void machinesHaveNamesOfFolders(String cpu, int bits, String expected) {
    assertEquals(expected, new Machine(cpu, 2, bits, "25", "", "").folder());
  }

  @Test
  void brokenFilesAreExplained() throws IOException {
    String good = Files.readString(RegressionCheckTest.recording(1));
    assertBroken(good.replaceFirst("\"cases\"", "\"other\""), "cases: expected a list");
    assertBroken(
        good.replaceFirst("\"milliseconds\" : \\[ [0-9.]+, ", "\"milliseconds\" : [ "),
        "numbers, as of milliseconds");
    assertBroken(
        good.replaceFirst("\"milliseconds\" : \\[ [0-9.]+, ", "\"milliseconds\" : [ -1, "),
        "cases[0].milliseconds: expected numbers above 0");
    assertBroken(
        good.replaceAll("\"Softmax\"", "\"Silu\"")
            .replaceAll("2640x[0-9]+", "1x1")
            .replaceAll("\"size\" : \"[0-9x]+\"", "\"size\" : \"1\""),
        "every case once");
  }

  private void assertBroken(String json, String expected) throws IOException {
    Path file = folder.resolve("broken.json");
    Files.writeString(file, json);
    String message =
        assertThrows(CheckpointException.class, () -> BenchResults.read(file)).getMessage();
    assertTrue(message.startsWith(file.toString()) && message.contains(expected), message);
  }

  @Test
  void comparesCaseByCase() {
    BenchResults a = RegressionCheckTest.recorded(1);
    BenchResults b =
        RegressionCheckTest.changed(a, sample -> RegressionCheckTest.slower(sample, 2));
    String slower = line(Comparison.text(a, b), "Silu");
    assertTrue(slower.contains("   2.000    2.000  slower "), slower);
    String faster = line(Comparison.text(b, a), "Silu");
    assertTrue(faster.contains("   0.500    0.500  faster "), faster);
    String same = line(Comparison.text(a, b), "Softmax");
    assertTrue(same.contains("   1.000    1.000  within spread "), same);
  }

  @Test
  void tellsWhatOnlyOneHas() {
    BenchResults both = RegressionCheckTest.recorded(1);
    BenchResults one = new BenchResults(both.machine(), "", both.cases().subList(0, 1));
    String text = Comparison.text(one, both);
    assertTrue(text.endsWith("only in B: " + both.cases().get(1).id() + "\n"), text);
  }

  @Test
  void aFolderIsReadByTheNamesOfItsFiles() throws IOException {
    assertThrows(CheckpointException.class, () -> BenchResults.readAll(folder));
    Files.copy(RegressionCheckTest.recording(1), folder.resolve("quick.json"));
    Files.writeString(folder.resolve("peers.json"), "{\"peers\": []}");
    assertEquals(Set.of("quick.json"), BenchResults.readAll(folder).keySet());
  }

  @Test
  void spreadsAreQuantiles() {
    Spread spread = new Spread(5, 1, 3, 2, 4);
    assertEquals(3, spread.median());
    assertEquals(2, spread.lowerQuartile());
    assertEquals(4, spread.upperQuartile());
    assertEquals(2 / 3.0, spread.share(), 1e-12);
    assertEquals(1.5, new Spread(2, 1).median());
    assertThrows(IllegalArgumentException.class, Spread::new);
  }

  private static String line(String text, String word) {
    return text.lines().filter(line -> line.contains(word)).findFirst().orElseThrow();
  }
}
