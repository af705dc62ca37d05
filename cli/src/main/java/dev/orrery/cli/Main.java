package dev.orrery.cli;

import dev.orrery.cli.command.Console;
import dev.orrery.model.Families;
import java.nio.file.Path;
import java.util.Locale;

/** Entry point of {@code orrery}. */
public final class Main {
  private Main() {}

  /** Runs the command line and ends the process with its exit code. */
  public static void main(String[] arguments) {
    // Nothing of ours looks at the machine's language, see DefaultLocaleTest; what the command
    // line's
    // library and Java's own messages say shall not depend on it either.
    Locale.setDefault(Locale.ROOT);
    System.exit(Orrery.run(environment(), arguments));
  }

  private static Environment environment() {
    Path home = Path.of(System.getProperty("orrery.home", "."));
    return new Environment(Families.ALL, home.resolve("models/demo-world"), Console.system());
  }
}
