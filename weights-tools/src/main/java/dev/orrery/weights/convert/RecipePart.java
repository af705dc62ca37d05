package dev.orrery.weights.convert;

import java.nio.file.Path;

/** One thing that a recipe puts into the folder of a model. */
sealed interface RecipePart {
  /** Where it goes, below the model's folder. */
  String target();

  /**
   * A checkpoint.
   *
   * @param target its name without ending
   * @param source a safetensors file, an index or a PyTorch archive
   * @param key the dictionary of an archive whose tensors are meant; empty for all
   * @param names what becomes of tensor names
   */
  record Weights(String target, Path source, String key, NameRule names) implements RecipePart {
    /** A checkpoint whose tensors keep their names. */
    static Weights of(String target, Path source) {
      return new Weights(target, source, "", NameRule.KEEP);
    }
  }

  /**
   * A file that stays as it is.
   *
   * @param source where it lies
   */
  record File(String target, Path source) implements RecipePart {}

  /**
   * A file that the release does not have.
   *
   * @param content its text
   */
  record Text(String target, String content) implements RecipePart {}
}
