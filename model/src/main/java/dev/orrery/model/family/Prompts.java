package dev.orrery.model.family;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.model.session.Progress;
import dev.orrery.model.text.EncodedPrompt;
import java.nio.file.Path;

/** Where the prompts of a model come from. */
public interface Prompts {
  /** Whether the model's folder has what {@link #encode} needs. */
  boolean canEncode();

  /**
   * Encodes a prompt with the text encoder of the model's folder, which is in memory only
   * meanwhile. Done before the model is loaded, the two never need memory at once.
   *
   * @param text describes the world; what exceeds the limit is dropped, with a warning in the
   *     result
   * @throws dev.orrery.runtime.checkpoint.CheckpointException if there is no text encoder, or a
   *     file is missing or invalid
   */
  EncodedPrompt encode(String text, Backend backend, Progress progress);

  /** The same, and nobody is told how far it is. */
  default EncodedPrompt encode(String text, Backend backend) {
    return encode(text, backend, Progress.NONE);
  }

  /** Whether a model has guidance, so that a prompt may come with one to be led away from. */
  default boolean takesNegative() {
    return false;
  }

  /**
   * Encodes a prompt and one that says what the world is not to be like, for models that take it;
   * those have an empty one otherwise.
   *
   * @param negative as long as the other one may be
   * @throws UnsupportedOperationException if the model takes none
   */
  default EncodedPrompt encode(String text, String negative, Backend backend, Progress progress) {
    throw new UnsupportedOperationException("the model takes no negative prompt");
  }

  /**
   * Reads a prompt that was encoded before.
   *
   * @param file see {@link EncodedPrompt#save}
   * @throws dev.orrery.runtime.checkpoint.CheckpointException if the file is no encoded prompt, or
   *     not one of this model's encoder
   */
  EncodedPrompt read(Path file);

  /** Whether an encoded prompt lies in the model's folder. */
  boolean hasStored();

  /**
   * Reads the encoded prompt that lies in the model's folder.
   *
   * @throws dev.orrery.runtime.checkpoint.CheckpointException if there is none, or it cannot be
   *     used
   */
  EncodedPrompt stored();
}
