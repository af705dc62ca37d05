package dev.orrery.model.family;

import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.runtime.checkpoint.Checkpoint;
import dev.orrery.runtime.checkpoint.TensorSource;
import dev.orrery.runtime.checkpoint.TensorSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** How released repositories become the folder of a model. */
public interface Recipe {
  /** What each input is, for messages: {@code HY_WORLDPLAY_DIR}. */
  List<String> inputs();

  /**
   * What more folders there may be, for messages. Each may be missing, and they may come in any
   * order: the recipe knows them by what is in them.
   */
  default List<String> optionalInputs() {
    return List.of();
  }

  /**
   * The names of the models that a release has, of which one is made, with that of this recipe
   * first; empty if there is but one.
   */
  default List<String> variants() {
    return List.of();
  }

  /**
   * The recipe for another model of the release.
   *
   * @throws IllegalArgumentException if there is none of this name
   */
  default Recipe variant(String name) {
    throw new IllegalArgumentException("expected no variant, found " + name);
  }

  /** Which repositories the inputs are, in a few words for help texts. */
  String describeInputs();

  /**
   * What is to be done.
   *
   * @param inputs the folders of the repositories, as many as {@link #inputs} names, and as many of
   *     the {@link #optionalInputs} as there are
   * @throws dev.orrery.runtime.checkpoint.CheckpointException if something that cannot be missing
   *     is missing
   */
  List<Part> parts(List<Path> inputs);

  /** The folders of the models that come out, below that of the output; empty for itself. */
  default List<String> models(List<Part> parts) {
    return List.of("");
  }

  /** The checkpoint of a repository, as safetensors if it is there in several formats. */
  static Path weights(Path folder, String stem) {
    return weights(folder, List.of(stem));
  }

  /**
   * The checkpoint of a repository that has had several names.
   *
   * @param stems its names without ending; the first that is there counts
   */
  static Path weights(Path folder, List<String> stems) {
    return stems.stream()
        .flatMap(
            stem ->
                Stream.of(
                    Checkpoint.path(folder, stem),
                    folder.resolve(stem + ".pth"),
                    folder.resolve(stem + ".pt")))
        .filter(Files::exists)
        .findFirst()
        .orElse(Checkpoint.path(folder, stems.getFirst()));
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
   * @param key the dictionary of an archive whose tensors are meant, or several between blanks, of
   *     which the first that can be read is taken; empty for all
   * @param names which tensors are taken, and what they are called then
   */
  record Weights(String target, Path source, String key, Names names) implements Part {
    /** A checkpoint whose tensors keep their names. */
    public static Weights of(String target, Path source) {
      return new Weights(target, source, "", Prefixes.NONE);
    }
  }

  /**
   * A checkpoint of what is computed once of another one, which is not kept.
   *
   * @param target its name without ending
   * @param from the other one, converted as its own part would be, but without another type
   * @param compute what is stored of its tensors, in the order in which it is written
   */
  record Computed(String target, Weights from, Function<TensorSource, List<ComputedTensor>> compute)
      implements Part {}

  /**
   * A tensor that is computed when it is written, so that a checkpoint may be larger than memory.
   *
   * @param spec name, element type and shape
   * @param values computes it in memory of an arena, which is closed when it is written; called
   *     once
   */
  record ComputedTensor(TensorSpec spec, Function<TensorArena, Tensor> values) {
    /** A tensor that is there already. */
    public static ComputedTensor of(String name, Tensor tensor) {
      TensorSpec spec = new TensorSpec(name, tensor.dtype(), tensor.shape());
      return new ComputedTensor(spec, arena -> tensor);
    }
  }

  /** Which tensors of a checkpoint are taken, and what they are called then. */
  sealed interface Names {}

  /**
   * All tensors but some.
   *
   * @param strip prefixes to remove from tensor names that have them
   * @param drop prefixes of tensors that are left out
   */
  record Prefixes(List<String> strip, List<String> drop) implements Names {
    /** All tensors, with their names. */
    public static final Prefixes NONE = new Prefixes(List.of(), List.of());

    /** Copies the lists. */
    public Prefixes {
      strip = List.copyOf(strip);
      drop = List.copyOf(drop);
    }
  }

  /**
   * The tensors whose names begin with a prefix, which is removed, and no others. Of an archive
   * without a key all tensors are looked at, by their keys joined with dots.
   *
   * @param prefixes the first that a tensor has is taken; an empty one, as the last, takes all
   */
  record Below(List<String> prefixes) implements Names {
    /** Copies the prefixes. */
    public Below {
      prefixes = List.copyOf(prefixes);
    }
  }

  /**
   * The tensors of a network and no others. All must be there, each under a stored name of its own.
   *
   * @param names what the network calls its tensors
   * @param stored what a tensor of that name is stored as, which may lose what the way back would
   *     need, such as dots
   */
  record Chosen(List<String> names, UnaryOperator<String> stored) implements Names {
    /** Copies the names. */
    public Chosen {
      names = List.copyOf(names);
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
