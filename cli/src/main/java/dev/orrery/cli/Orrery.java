package dev.orrery.cli;

import dev.orrery.cli.video.UnsupportedVideoException;
import dev.orrery.kernels.backend.MissingKernelException;
import dev.orrery.model.camera.InvalidCameraException;
import dev.orrery.model.session.ActionSyntaxException;
import dev.orrery.model.session.UnusableImageException;
import dev.orrery.runtime.media.UnreadableImageException;
import dev.orrery.weights.command.Failures;
import dev.orrery.weights.command.Program;
import dev.orrery.weights.command.Version;
import java.util.List;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;

/** The command {@code orrery} itself. */
@Command(
    name = "orrery",
    description = "Interactive world models: an image and keys in, a video out.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    subcommands = HelpCommand.class,
    commandListHeading = "%nCommands:%n",
    footer = {
      "",
      "Start with",
      "  orrery generate",
      "which walks through the demo world and writes orrery.mp4. Then try your own keys:",
      "  orrery generate --actions \"w*24 l*36 w+l*48\" --output walk.gif",
      "",
      "Exit codes: 0 done, 1 failed while running, 2 the options or files given cannot be used,",
      "130 interrupted."
    })
final class Orrery extends Program {
  /** How failures of these commands are told. */
  static final Failures FAILURES =
      new Failures(
          "orrery",
          "orrery info shows what a model needs",
          Set.of(
              ActionSyntaxException.class,
              InvalidCameraException.class,
              UnreadableImageException.class,
              UnsupportedVideoException.class,
              UnusableImageException.class),
          Set.of(MissingKernelException.class));

  private Orrery(Environment environment) {
    super(environment.console(), FAILURES);
  }

  /** Runs a command and returns the exit code. */
  static int run(Environment environment, String... arguments) {
    return new Orrery(environment)
        .run(
            List.of(
                new GenerateCommand(environment),
                new EncodePromptCommand(environment),
                new InfoCommand(environment)),
            arguments);
  }
}
