package dev.orrery.benchmarks;

import dev.orrery.model.Families;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.files.PendingOutput;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.SortedMap;
import java.util.stream.Collectors;
import org.openjdk.jmh.runner.RunnerException;

/**
 * What {@code ./bench} starts: it measures, compares two results, or checks against a baseline. A
 * file is written when everything has been measured, as a whole.
 */
public final class Bench {
  private static final int FAILED = 1;
  private static final int WRONG = 2;

  /** How often a case that seems worse is measured again before it counts. */
  private static final int DOUBTS = 2;

  /** What a machine is compared by if nothing else is named. */
  static final String BASELINE = "quick.json";

  private static final Path TINY = Path.of("benchmarks/target/tiny");

  private static final Path CHECKED = Path.of("benchmarks/target/check.json");

  private final Path caller;
  private final String commit;
  private final PrintStream out;
  private final int threads = Runtime.getRuntime().availableProcessors();

  private Bench(Path caller, String commit, PrintStream out) {
    this.caller = caller;
    this.commit = commit;
    this.out = out;
  }

  /**
   * Runs in the root of the checkout.
   *
   * @param args the folder of who called, to which paths are relative, the commit of the sources,
   *     and what {@code ./bench --help} tells
   */
  public static void main(String[] args) {
    List<String> asked = Arrays.asList(args).subList(2, args.length);
    int code = WRONG;
    // What JMH and the processes that measure print is of interest if they fail.
    PrintStream out = System.out;
    ByteArrayOutputStream jmh = new ByteArrayOutputStream();
    System.setOut(new PrintStream(jmh, true, StandardCharsets.UTF_8));
    try {
      code = new Bench(Path.of(args[0]), args[1], out).run(asked);
    } catch (CheckpointException | IOException | IllegalArgumentException e) {
      System.err.println("orrery: " + e.getMessage());
    } catch (RunnerException e) {
      System.err.print(jmh.toString(StandardCharsets.UTF_8));
      System.err.println("orrery: " + explained(e));
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException(e);
    }
    System.exit(code);
  }

  /** JMH's own words tell little, and its cause what the benchmark threw. */
  private static String explained(RunnerException e) {
    String message = e.getMessage();
    if (message.contains("lock")) {
      return "another benchmark runs on this machine, and both would be slower; wait for it ("
          + message.lines().findFirst().orElse("")
          + ")";
    }
    Throwable root = e;
    while (root.getCause() != null) {
      root = root.getCause();
    }
    return "a benchmark failed: " + root + "; nothing was written";
  }

  private int run(List<String> asked)
      throws IOException, RunnerException, ReflectiveOperationException {
    String first = asked.isEmpty() ? "quick" : asked.getFirst();
    List<String> rest = asked.isEmpty() ? asked : asked.subList(1, asked.size());
    switch (first) {
      case "quick" -> measure(first, BenchSuite.QUICK, BenchRunner.Effort.QUICK, rest);
      case "full" -> measure(first, BenchSuite.full(), BenchRunner.Effort.FULL, rest);
      case "sessions" -> sessions(rest);
      case "soak" -> {
        return soak(rest);
      }
      case "compare" -> compare(rest);
      case "check" -> {
        return check(rest);
      }
      default -> {
        List<BenchId> named = BenchSuite.named(asked);
        String name =
            asked.stream()
                .map(it -> it.toLowerCase(Locale.ROOT))
                .sorted()
                .distinct()
                .collect(Collectors.joining("+"));
        measure(name, named, BenchRunner.Effort.FULL, List.of());
      }
    }
    return 0;
  }

  private void measure(
      String name, List<BenchId> cases, BenchRunner.Effort effort, List<String> surplus)
      throws IOException, RunnerException, ReflectiveOperationException {
    if (!surplus.isEmpty()) {
      throw new IllegalArgumentException(name + " takes no arguments, found " + surplus.getFirst());
    }
    Machine machine = Machine.here(threads, BenchRunner.FLAGS);
    Path file = folder(machine).resolve(name + ".json");
    List<BenchCase> measured = runner(effort).run(cases);
    new BenchResults(machine, commit, measured).write(file);
    out.println(file);
  }

  /** The demo world, a tiny model of every family, and what else is named. */
  private void sessions(List<String> named) throws IOException {
    Machine machine = Machine.here(threads, BenchRunner.FLAGS);
    Path file = folder(machine).resolve(EndToEndReport.FILE);
    List<Path> given = named.stream().map(caller::resolve).toList();
    // What is no model is told before others are measured for minutes.
    given.forEach(Families.ALL::open);
    // What is never committed is deleted.
    try (PendingOutput tiny = PendingOutput.folder(TINY)) {
      List<Path> folders = worlds(tiny.temporary());
      folders.addAll(given);
      new EndToEndReport(EndToEndReport.Effort.FULL, tiny.temporary(), out::println)
          .run(folders, machine, commit, file);
    }
    out.println(file);
  }

  private static List<Path> worlds(Path tiny) throws IOException {
    List<Path> folders = new ArrayList<>(List.of(OpenedModel.DEMO));
    folders.addAll(TinyModels.write(tiny));
    return folders;
  }

  private int soak(List<String> asked) throws IOException {
    if (asked.size() > 1 || (asked.size() == 1 && !asked.getFirst().matches("[1-9]\\d{2,8}"))) {
      throw new IllegalArgumentException(
          "soak takes a number of chunks, 100 or more, found " + String.join(" ", asked));
    }
    int chunks = asked.isEmpty() ? SoakReport.CHUNKS : Integer.parseInt(asked.getFirst());
    Machine machine = Machine.here(threads, BenchRunner.FLAGS);
    Path file = folder(machine).resolve(SoakReport.FILE);
    List<String> broken;
    try (PendingOutput tiny = PendingOutput.folder(TINY)) {
      broken =
          new SoakReport(tiny.temporary(), out::println)
              .run(worlds(tiny.temporary()), chunks, machine, commit, file);
    }
    broken.forEach(rule -> out.println("BROKEN " + rule));
    out.println(file);
    return broken.isEmpty() ? 0 : FAILED;
  }

  private static Path folder(Machine machine) {
    return Path.of(GpuPage.RESULTS, machine.folder());
  }

  private BenchRunner runner(BenchRunner.Effort effort) {
    return new BenchRunner(effort, threads, out::println);
  }

  private void compare(List<String> paths) throws IOException {
    if (paths.size() != 2) {
      throw new IllegalArgumentException(
          "compare takes two files or two folders of results, found " + paths.size());
    }
    Path a = caller.resolve(paths.get(0));
    Path b = caller.resolve(paths.get(1));
    if (Files.isDirectory(a) != Files.isDirectory(b)) {
      throw new IllegalArgumentException(
          "compare takes two files or two folders of results, found one of each");
    }
    SortedMap<String, BenchResults> inA = BenchResults.readAll(a);
    SortedMap<String, BenchResults> inB = BenchResults.readAll(b);
    Set<String> both = new LinkedHashSet<>(inA.keySet());
    both.retainAll(inB.keySet());
    if (both.isEmpty()) {
      throw new IllegalArgumentException(
          "no file has the same name in " + paths.get(0) + " and " + paths.get(1));
    }
    for (String name : both) {
      out.println(name.isEmpty() ? "" : name);
      out.print(Comparison.text(inA.get(name), inB.get(name)));
    }
  }

  /**
   * With one file or none, measures the cases of the baseline; with two, the second is what was.
   */
  private int check(List<String> paths)
      throws IOException, RunnerException, ReflectiveOperationException {
    if (paths.size() > 2) {
      throw new IllegalArgumentException(
          "check takes a baseline and a file of results, found " + paths.size() + " arguments");
    }
    Machine machine = Machine.here(threads, BenchRunner.FLAGS);
    Path file =
        paths.isEmpty() ? folder(machine).resolve(BASELINE) : caller.resolve(paths.getFirst());
    if (!Files.exists(file)) {
      throw new IllegalArgumentException(
          file + ": there is no baseline of this machine; before the change, measure it: ./bench");
    }
    BenchResults baseline = BenchResults.read(file);
    RegressionCheck check = new RegressionCheck(baseline);
    sayDisturbed(check, "the baseline", baseline);
    List<RegressionCheck.Fault> faults =
        paths.size() == 2
            ? check.faults(BenchResults.read(caller.resolve(paths.get(1))))
            : measuredFaults(check, baseline, machine);
    faults.forEach(fault -> out.println("WORSE " + fault.what()));
    out.println(
        faults.isEmpty()
            ? "Nothing is slower or larger than " + file
            : faults.size() + " worse than " + file);
    return faults.isEmpty() ? 0 : FAILED;
  }

  private void sayDisturbed(RegressionCheck check, String what, BenchResults results) {
    long disturbed = check.disturbed(results);
    if (disturbed > 0) {
      out.println(
          "Other programs ran while "
              + what
              + " was measured ("
              + disturbed
              + " of "
              + results.cases().size()
              + " cases): less is found, measure when nothing else runs");
    }
  }

  private List<RegressionCheck.Fault> measuredFaults(
      RegressionCheck check, BenchResults baseline, Machine machine)
      throws IOException, RunnerException, ReflectiveOperationException {
    BenchRunner runner = runner(BenchRunner.Effort.of(baseline));
    List<BenchId> doubtful = baseline.cases().stream().map(BenchCase::id).toList();
    BenchResults measured = new BenchResults(machine, commit, runner.run(doubtful));
    measured.write(CHECKED);
    sayDisturbed(check, "this", measured);
    List<RegressionCheck.Fault> faults = check.faults(measured);
    for (int again = 0; again < DOUBTS && !faults.isEmpty(); again++) {
      doubtful = faults.stream().map(RegressionCheck.Fault::id).distinct().toList();
      out.println("measuring again what seems worse: " + doubtful.size());
      faults = check.faults(new BenchResults(machine, commit, runner.run(doubtful)));
    }
    return faults;
  }
}
