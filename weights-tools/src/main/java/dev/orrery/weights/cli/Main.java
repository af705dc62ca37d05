package dev.orrery.weights.cli;

import dev.orrery.weights.command.Console;

/** Entry point of {@code orrery-weights}. */
public final class Main {
  private Main() {}

  /** Runs the command line and ends the process with its exit code. */
  public static void main(String[] arguments) {
    System.exit(OrreryWeights.run(Console.system(), arguments));
  }
}
