package dev.orrery.cli;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.model.family.Prompts;
import dev.orrery.model.text.EncodedPrompt;
import dev.orrery.weights.command.OutputFile;
import dev.orrery.weights.command.ProgressReport;
import dev.orrery.weights.command.UnusableInputException;
import dev.orrery.weights.command.Version;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code orrery encode-prompt}. */
@Command(
    name = "encode-prompt",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false,
    description =
        "Encodes a prompt with the text encoder of a model, so that worlds can be made without it,"
            + " which is as large as the model: on this machine or another one.",
    footer = {
      "",
      "Examples:",
      "  orrery encode-prompt --model worldplay-5b --prompt \"A castle by a lake\" \\",
      "    --output castle.safetensors",
      "  orrery generate --model worldplay-5b --prompt @castle.safetensors --camera w-15"
    })
final class EncodePromptCommand implements Callable<Integer> {
  @Option(
      names = "--model",
      paramLabel = "DIR",
      required = true,
      description = "Folder of the model, with its text encoder.")
  private Path model;

  @Option(
      names = "--prompt",
      paramLabel = "TEXT|@FILE",
      required = true,
      description = "What the world is like, as text or in a text file.")
  private String prompt;

  @Option(
      names = "--output",
      paramLabel = "FILE.safetensors",
      required = true,
      description = "Where to write. An existing file is replaced when the new one is complete.")
  private Path output;

  @Mixin private BackendOptions backendOptions;

  private final Environment environment;
  private final ProgressReport progress;

  EncodePromptCommand(Environment environment) {
    this.environment = environment;
    this.progress = new ProgressReport(environment.console());
  }

  @Override
  public Integer call() throws IOException {
    backendOptions.check();
    OutputFile.check("--output", output, ".safetensors");
    String text = TextArgument.of("--prompt", prompt).text();
    Prompts prompts =
        environment
            .families()
            .open(model)
            .prompts()
            .orElseThrow(() -> new UnusableInputException(model + ": the model takes no prompts"));
    try (Backend backend = backendOptions.open()) {
      EncodedPrompt encoded = prompts.encode(text, backend, progress);
      encoded.warning().ifPresent(warning -> progress.line("warning: " + warning));
      encoded.save(output);
    } finally {
      progress.endBar();
    }
    environment.out().println(output);
    return Orrery.DONE;
  }
}
