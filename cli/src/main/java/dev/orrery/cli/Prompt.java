package dev.orrery.cli;

import dev.orrery.cli.command.ProgressReport;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.model.family.Prompts;
import dev.orrery.model.text.EncodedPrompt;
import java.nio.file.Path;

/**
 * A prompt as a user gives it.
 *
 * @param text what to encode; null if it is encoded already
 * @param encoded the file of an encoded prompt, or null
 */
record Prompt(String text, Path encoded) {
  /**
   * Reads the text of a prompt.
   *
   * @throws UnusableInputException if it is empty, or in a file that cannot be read
   */
  static Prompt of(String argument) {
    TextArgument source = TextArgument.of("--prompt", argument);
    return source.isFile(".safetensors")
        ? new Prompt(null, source.file())
        : new Prompt(source.visibleText(), null);
  }

  /** The encoded prompt, made with the text encoder of the model's folder if it has to be. */
  EncodedPrompt encode(Prompts prompts, Backend backend, ProgressReport progress) {
    EncodedPrompt result =
        encoded == null ? prompts.encode(text, backend, progress) : prompts.read(encoded);
    result.warning().ifPresent(warning -> progress.line("warning: " + warning));
    return result;
  }
}
