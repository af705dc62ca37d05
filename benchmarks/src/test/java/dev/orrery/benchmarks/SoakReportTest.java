package dev.orrery.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.model.Families;
import dev.orrery.model.family.SyntheticScale;
import dev.orrery.model.session.ActionInput;
import dev.orrery.model.session.Progress;
import dev.orrery.runtime.checkpoint.JsonValue;
import dev.orrery.weights.synthesize.SyntheticModel;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.IntUnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Playing for long breaks its rules when it should, and only then. */
class SoakReportTest {
  private static final List<MemoryInUse> FLAT =
      Collections.nCopies(20, new MemoryInUse(5_000_000, 20_000_000, 90_000_000, 40_000_000));

  @TempDir Path folder;

  /** Chunks of the whole form, in as many as a test has time for. */
  @Test
  void aTinyModelBreaksNoRule() throws Exception {
    Path tiny = tiny();
    Path file = folder.resolve("results/" + SoakReport.FILE);
    List<String> lines = new ArrayList<>();
    List<String> broken =
        new SoakReport(folder, lines::add).run(List.of(tiny), 200, Machine.here(1), "abc", file);
    JsonValue result = JsonValue.read(file).get("worlds").asList().getFirst().get("result");
    assertEquals(4, result.integer("resumed"));
    assertEquals(16, result.get("memory").asList().size());
    assertTrue(result.get("memory").asList().getLast().number("tensors") > 10_000);
    assertTrue(result.get("memory").asList().getLast().number("code") > 1_000_000);
    assertEquals(200, result.integer("chunks"));
    // How long it takes and what it needs beside other tests is another matter.
    assertEquals(
        List.of(),
        broken.stream()
            .filter(it -> it.contains("left behind") || it.contains("another"))
            .toList());
  }

  @Test
  void everyRuleIsBrokenByWhatItForbids() {
    assertEquals(List.of(), result(List.of(), FLAT, List.of(), 1, 0).broken());
    assertEquals(
        List.of("chunk 7 is another one in the world that was resumed"),
        result(List.of(7), FLAT, List.of(), 1, 0).broken());
    assertEquals(
        List.of("left behind: thread a"),
        result(List.of(), FLAT, List.of("thread a"), 1, 0).broken());
    assertEquals(
        List.of("1 of 100 chunks takes more than 2.00 medians"),
        result(List.of(), FLAT, List.of(), 2, 0).broken());
    assertEquals(List.of(), result(List.of(), FLAT, List.of(), 2, 0.1).broken());
    // 14.9 ms beside 10.
    assertEquals(List.of(), result(List.of(), FLAT, List.of(), 1.49, 0).broken());
    assertEquals(List.of(), timed(1, 5.9).broken());
    assertEquals(List.of("1 of 100 chunks takes more than 6.10 medians"), timed(1, 6.1).broken());
    // A thousandth of a tensor's megabytes with every measurement, and the same in a last leap.
    assertEquals(
        List.of("tensors: from 20.040 to 20.340 MB"),
        result(List.of(), grown(i -> 20_000 * i), List.of(), 1, 0).broken());
    assertEquals(
        List.of("tensors: from 20.000 to 20.300 MB"),
        result(List.of(), grown(i -> i < 15 ? 0 : 300_000), List.of(), 1, 0).broken());
    assertEquals(
        List.of(), result(List.of(), grown(i -> 10_000 * (i % 2)), List.of(), 1, 0).broken());
  }

  private static List<MemoryInUse> grown(IntUnaryOperator more) {
    return IntStream.range(0, 20)
        .mapToObj(
            i ->
                new MemoryInUse(5_000_000, 20_000_000 + more.applyAsInt(i), 90_000_000, 40_000_000))
        .toList();
  }

  private static SoakResult result(
      List<Integer> differing,
      List<MemoryInUse> memory,
      List<String> left,
      double slowest,
      double others) {
    return new SoakResult(
        "",
        1000,
        4,
        differing,
        memory,
        FLAT.subList(0, 2),
        times(10, 10 * slowest),
        others,
        0,
        left);
  }

  private static SoakResult timed(double milliseconds, double slowest) {
    return new SoakResult(
        "",
        1000,
        4,
        List.of(),
        FLAT,
        FLAT.subList(0, 2),
        times(milliseconds, slowest),
        0,
        0,
        List.of());
  }

  /** Of 101 chunks. */
  private static List<Double> times(double milliseconds, double slowest) {
    List<Double> times = new ArrayList<>(Collections.nCopies(98, milliseconds));
    times.addAll(List.of(slowest, slowest, slowest));
    return times;
  }

  @Test
  void whatIsHeldIsSeenUntilItIsGivenBack() throws IOException {
    Path file = Files.writeString(folder.resolve("held"), "x");
    Holdings before = Holdings.now();
    try (InputStream _ = Files.newInputStream(file)) {
      assertTrue(Holdings.now().without(before).contains("open " + file.toRealPath()));
    }
    assertEquals(
        List.of(),
        Holdings.now().without(before).stream().filter(it -> it.contains("held")).toList());
  }

  @Test
  void categoriesAreReadFromWhatJavaTells() {
    String summary =
        """
        Total: reserved=7926815084, committed=498153836
        -                 Java Heap (reserved=6320816128, committed=402653184)
                                    (mmap: reserved=6320816128, committed=402653184, at peak)
        -                     Other (reserved=34816, committed=34817)
        -        Shared class space (reserved=16777312, committed=14241888, readonly=0)
        """;
    assertEquals(402653184, MemoryInUse.committed(summary, "Java Heap"));
    assertEquals(34817, MemoryInUse.committed(summary, "Other"));
    assertEquals(14241888, MemoryInUse.committed(summary, "Shared class space"));
    assertEquals(0, MemoryInUse.committed(summary, "Arena Chunk"));
  }

  /** The same each time, and others for every frame. */
  @Test
  void actionsAreDrawnFromASeed() throws Exception {
    var space = Families.ALL.open(tiny()).actionSpace();
    RandomActions one = new RandomActions(space, 1);
    RandomActions other = new RandomActions(space, 1);
    Set<ActionInput> drawn = new HashSet<>();
    for (int i = 0; i < 50; i++) {
      ActionInput input = one.input();
      assertEquals(input, other.input());
      drawn.add(input);
    }
    assertTrue(drawn.size() > 40);
  }

  private Path tiny() throws Exception {
    Path tiny = folder.resolve("tiny");
    SyntheticModel.write(
        Families.ALL.ofId("oasis").orElseThrow(), SyntheticScale.TINY, 1, tiny, Progress.NONE);
    return tiny;
  }
}
