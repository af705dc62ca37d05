package dev.orrery.cli;

import dev.orrery.cli.command.Console;
import dev.orrery.model.Families;
import java.nio.file.Path;

/** Entry point of {@code orrery}. */
public final class Main {
  private Main() {}

  /** Runs the command line and ends the process with its exit code. */
  public static void main(String[] arguments) {
    System.exit(Orrery.run(environment(), arguments));
  }

  private static Environment environment() {
    Path home = Path.of(System.getProperty("orrery.home", "."));
    return new Environment(Families.ALL, home.resolve("models/demo-world"), Console.system());
  }
}
