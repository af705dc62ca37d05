package dev.orrery.benchmarks;

import dev.orrery.runtime.checkpoint.JsonValue;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.OptionalDouble;

/** The measured numbers in the README, from the stored results. A test keeps the two together. */
final class ReadmeNumbers {
  private static final String BEGIN =
      "<!-- Written by PerformancePage from here to the next heading. -->\n";

  private static final String END = "\n## ";

  private ReadmeNumbers() {}

  /** Where they stand. */
  static Path file(Path root) {
    return root.resolve("README.md");
  }

  /** The README as it should be. */
  static String text(Path root) throws IOException {
    String found = Files.readString(file(root)).replace("\r\n", "\n");
    int begin = found.indexOf(BEGIN) + BEGIN.length();
    return found.substring(0, begin) + numbers(root) + found.substring(found.indexOf(END, begin));
  }

  private static String numbers(Path root) {
    Path results = root.resolve(PerformancePage.RESULTS);
    JsonValue sessions = JsonValue.read(results.resolve("sessions.json"));
    Machine machine = Machine.of(sessions.get("machine"));
    JsonValue first = session(sessions, "start and first chunk");
    JsonValue next = session(sessions, "next chunk");
    return String.format(
        Locale.ROOT,
        """

        Measured on %s with %d threads: the demo world, once loaded, shows its first frames %.1f s after the picture is
        given, and makes %.0f frames a second after that.%s
        [All measurements](docs/performance.md).
        """,
        machine.cpu(),
        machine.threads(),
        first.number("milliseconds") / 1e3,
        1e3 * next.integer("frames") / next.number("milliseconds"),
        memory(root));
  }

  private static String memory(Path root) {
    OptionalDouble peak = EndToEndPage.peakOfDemo(root);
    return peak.isEmpty()
        ? ""
        : String.format(
            Locale.ROOT,
            "\nIts process takes at most %.0f MB on the machines measured.",
            peak.getAsDouble() / 1e6);
  }

  private static JsonValue session(JsonValue sessions, String what) {
    return sessions.get("sessions").asList().stream()
        .filter(session -> session.string("what").equals(what))
        .findFirst()
        .orElseThrow();
  }
}
