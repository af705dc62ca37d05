package dev.orrery.model.family;

import dev.orrery.runtime.checkpoint.Checkpoint;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** How released repositories become the folder of a model. */
public interface Recipe {
  /** What each input is, for messages: {@code HY_WORLDPLAY_DIR}. */
  List<String> inputs();

  /** Which repositories the inputs are, in a few words for help texts. */
  String describeInputs();

  /**
   * What is to be done.
   *
   * @param inputs the folders of the repositories, as many as {@link #inputs} names
   * @throws dev.orrery.runtime.checkpoint.CheckpointException if something that cannot be missing
   *     is missing
   */
  List<Part> parts(List<Path> inputs);

  /** The folders of the models that come out, below that of the output; empty for itself. */
  default List<String> models(List<Part> parts) {
    return List.of("");
  }

  /** The checkpoint of a repository, as safetensors if it is there in both formats. */
  static Path weights(Path folder, String stem) {
    Path safetensors = Checkpoint.path(folder, stem);
    Path archive = folder.resolve(stem + ".pth");
    return Files.exists(safetensors) || !Files.exists(archive) ? safetensors : archive;
  }

  /** One thing that a recipe puts into the folder of a model. */
  sealed interface Part {
    /** Where it goes, below the model's folder. */
    String target();
  }

  /**
   * A checkpoint.
   *
   * @param target its name without ending
   * @param source a safetensors file, an index or a PyTorch archive
   * @param key the dictionary of an archive whose tensors are meant; empty for all
   * @param strip prefixes to remove from tensor names that have them
   * @param drop prefixes of tensors that are left out
   */
  record Weights(String target, Path source, String key, List<String> strip, List<String> drop)
      implements Part {
    /** A checkpoint whose tensors keep their names. */
    public static Weights of(String target, Path source) {
      return new Weights(target, source, "", List.of(), List.of());
    }
  }

  /**
   * A file that stays as it is.
   *
   * @param source where it lies
   */
  record File(String target, Path source) implements Part {}

  /**
   * A file that the release does not have.
   *
   * @param content its text
   */
  record Text(String target, String content) implements Part {}
}
