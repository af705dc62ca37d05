package dev.orrery.benchmarks;

import dev.orrery.kernels.cpu.SimdTile;
import dev.orrery.runtime.checkpoint.JsonValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.LocalDate;
import java.util.Locale;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * Where and when results were measured; every file of results starts with it.
 *
 * @param cpu name of the processor
 * @param threads threads that computed
 * @param vectorBits width of its vectors
 * @param jdk version of Java
 * @param flags options of the Java machine, those that {@code JAVA_TOOL_OPTIONS} adds last
 * @param date day of the measurement
 */
public record Machine(
    String cpu, int threads, int vectorBits, String jdk, String flags, String date) {
  /** This machine, today. */
  public static Machine here(int threads) throws IOException {
    return here(threads, KernelReport.MODULE, KernelReport.NATIVE);
  }

  /** This machine, today, with other options of the Java machine. */
  static Machine here(int threads, String... flags) throws IOException {
    return new Machine(
        cpuName(),
        threads,
        SimdTile.SPECIES.vectorBitSize(),
        Runtime.version().toString(),
        (String.join(" ", flags) + " " + addedFlags()).strip(),
        LocalDate.now().toString());
  }

  private static String addedFlags() {
    return Objects.requireNonNullElse(System.getenv("JAVA_TOOL_OPTIONS"), "")
        .replaceAll("[\\\\\"`]", "");
  }

  /** Whether vectors of its processor are wider than those that Java was allowed. */
  boolean isHeldToAvx2() {
    return (" " + flags + " ").contains(" -XX:UseAVX=2 ");
  }

  /**
   * A name for its folder of results, {@code amd-epyc-9b45-512-bits}: lower-case letters, digits
   * and hyphens of the processor's name, without what all of its maker's have in theirs.
   */
  public String folder() {
    String name =
        cpu.toLowerCase(Locale.ROOT)
            .replaceAll("\\((r|tm)\\)|@.*|\\b(cpu|processor|\\d+-core)\\b", " ")
            .replaceAll("[^a-z0-9]+", "-")
            .replaceAll("^-|-$", "");
    return (name.isEmpty() ? "unknown" : name) + "-" + vectorBits + "-bits";
  }

  static Machine of(JsonValue stored) {
    return new Machine(
        stored.string("cpu"),
        stored.integer("threads"),
        stored.integer("vectorBits"),
        stored.string("jdk"),
        stored.string("flags"),
        stored.string("date"));
  }

  /** As an object of JSON. */
  public String json() {
    return String.format(
        Locale.ROOT,
        "{\"cpu\": \"%s\", \"threads\": %d, \"vectorBits\": %d, \"jdk\": \"%s\", \"flags\": \"%s\","
            + " \"date\": \"%s\"}",
        cpu.replace("\\", "").replace("\"", ""),
        threads,
        vectorBits,
        jdk,
        flags,
        date);
  }

  String markdown() {
    return String.format(
        Locale.ROOT,
        "%s, %d threads, vectors of %d bits, JDK %s, %s, JVM options `%s`.",
        cpu,
        threads,
        vectorBits,
        jdk,
        date,
        flags);
  }

  /** The name of the processor where Linux tells it, else its architecture. */
  private static String cpuName() throws IOException {
    Path info = Path.of("/proc/cpuinfo");
    if (!Files.isReadable(info)) {
      return System.getProperty("os.arch");
    }
    try (Stream<String> rows = Files.lines(info)) {
      return rows.filter(row -> row.startsWith("model name"))
          .map(row -> row.substring(row.indexOf(':') + 1).strip())
          .findFirst()
          .orElse(System.getProperty("os.arch"));
    }
  }
}
