package dev.orrery.cli.command;

import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Several commands under one name, which shows its help when none of them is named. */
@Command(
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    subcommands = HelpCommand.class,
    commandListHeading = "%nCommands:%n")
public abstract class CommandGroup implements Runnable {
  @Spec private CommandSpec spec;

  /** For commands that are groups. */
  protected CommandGroup() {}

  @Override
  public void run() {
    spec.commandLine().usage(spec.commandLine().getOut());
  }
}
