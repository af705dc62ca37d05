package dev.orrery.cli;

import dev.orrery.cli.command.BackendOptions;
import dev.orrery.cli.command.ConsoleCommand;
import dev.orrery.cli.command.OutputFile;
import dev.orrery.cli.command.UnusableInputException;
import dev.orrery.kernels.ChosenBackend;
import dev.orrery.model.family.Prompts;
import dev.orrery.model.text.EncodedPrompt;
import java.io.IOException;
import java.nio.file.Path;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code orrery encode-prompt}. */
@Command(
    name = "encode-prompt",
    synopsisHeading =
        "Examples:%n"
            + "  orrery encode-prompt --model worldplay-5b --prompt \"A castle by a lake\" \\%n"
            + "    --output castle.safetensors%n"
            + "  orrery generate --model worldplay-5b --prompt @castle.safetensors --camera w-15%n"
            + "%nUsage: ",
    description =
        "Encodes a prompt with the text encoders of a model, so that worlds can be made without"
            + " them, which are as large as the model: on this machine or another one.")
final class EncodePromptCommand extends ConsoleCommand {
  @Option(
      names = "--model",
      paramLabel = "DIR",
      required = true,
      description = "Folder of the model, with its text encoders.")
  private Path model;

  @Option(
      names = "--prompt",
      paramLabel = "TEXT|@FILE",
      required = true,
      description = "What the world is like, as text or in a text file.")
  private String prompt;

  @Option(
      names = "--negative-prompt",
      paramLabel = "TEXT|@FILE",
      description = "What the world is not to be like, for models with guidance. None by default.")
  private String negative;

  @Option(
      names = "--output",
      paramLabel = "FILE.safetensors",
      required = true,
      description = "Where to write. An existing file is replaced when the new one is complete.")
  private Path output;

  @Mixin private BackendOptions backendOptions;

  private final Environment environment;

  EncodePromptCommand(Environment environment) {
    super(environment.console());
    this.environment = environment;
  }

  @Override
  protected void run() throws IOException {
    backendOptions.check();
    OutputFile.check("--output", output, ".safetensors");
    String text = TextArgument.of("--prompt", prompt).visibleText();
    Prompts prompts =
        environment
            .families()
            .open(model)
            .prompts()
            .orElseThrow(() -> new UnusableInputException(model + ": the model takes no prompts"));
    if (negative != null && !prompts.takesNegative()) {
      throw new UnusableInputException(
          "--negative-prompt: expected none, as the model has no guidance, found one");
    }
    String avoided =
        negative == null ? null : TextArgument.of("--negative-prompt", negative).text();
    try (ChosenBackend chosen = backendOptions.open(progress()::line)) {
      EncodedPrompt encoded =
          avoided == null
              ? prompts.encode(text, chosen.backend(), progress())
              : prompts.encode(text, avoided, chosen.backend(), progress());
      encoded.warning().ifPresent(warning -> progress().line("warning: " + warning));
      encoded.save(output);
    }
    printLine(output);
  }
}
