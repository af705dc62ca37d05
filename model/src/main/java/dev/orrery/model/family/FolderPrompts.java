package dev.orrery.model.family;

import dev.orrery.model.text.EncodedPrompt;
import dev.orrery.runtime.checkpoint.CheckpointException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The prompts of a model's folder, where an encoded one may lie as {@code prompt.safetensors}. */
public abstract class FolderPrompts implements Prompts {
  private static final String STORED = "prompt.safetensors";

  private final Path folder;

  /**
   * @param folder of the model
   */
  protected FolderPrompts(Path folder) {
    this.folder = folder;
  }

  /** The model's folder. */
  protected final Path folder() {
    return folder;
  }

  @Override
  public final boolean hasStored() {
    return Files.exists(folder.resolve(STORED));
  }

  @Override
  public final EncodedPrompt stored() {
    if (!hasStored()) {
      throw new CheckpointException(folder.toString(), "expected a prompt, found none");
    }
    return read(folder.resolve(STORED));
  }
}
