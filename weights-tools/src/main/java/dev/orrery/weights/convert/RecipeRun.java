package dev.orrery.weights.convert;

import dev.orrery.kernels.backend.HostArena;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.model.family.ModelFamily;
import dev.orrery.model.family.Recipe;
import dev.orrery.model.session.Progress;
import dev.orrery.runtime.checkpoint.Checkpoint;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.SafetensorsFile;
import dev.orrery.runtime.checkpoint.SafetensorsWriter;
import dev.orrery.runtime.checkpoint.TensorSpec;
import dev.orrery.runtime.files.PendingOutput;
import dev.orrery.weights.source.FileTransfer;
import dev.orrery.weights.source.StoredTensors;
import dev.orrery.weights.verify.TensorCheck;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Makes the folder of a model from released repositories. What need not change is linked where the
 * file system can (the same file under a second name), else copied. Before the folder gets its
 * name, the networks are asked whether it has all their tensors.
 *
 * @param family the family of the model
 * @param recipe what to do
 * @param type what becomes of element types
 * @param shardBytes the most bytes of data in a converted file
 */
public record RecipeRun(ModelFamily family, Recipe recipe, TargetType type, long shardBytes) {
  /**
   * Makes the folder.
   *
   * @param inputs the repositories, those of {@link Recipe#inputs} and behind them as many of
   *     {@link Recipe#optionalInputs} as there are
   * @param output where the model will be: nothing yet, or an empty folder
   * @param progress receives progress in MiB; an exception that it throws ends the work
   * @return a line for each thing in the folder, saying where it is from
   * @throws CheckpointException if something is missing, not valid, or of another model
   * @throws IOException if the folder cannot be written; nothing is left of it then
   */
  public List<String> make(List<Path> inputs, Path output, Progress progress) throws IOException {
    int least = recipe.inputs().size();
    int most = least + recipe.optionalInputs().size();
    if (inputs.size() < least || inputs.size() > most) {
      throw new IllegalArgumentException(
          "expected " + least + " to " + most + " inputs, found " + inputs.size());
    }
    List<Recipe.Part> parts = recipe.parts(inputs);
    try (PendingOutput pending = PendingOutput.folder(output)) {
      Path folder = pending.temporary();
      List<String> made = new ArrayList<>();
      for (Recipe.Part part : parts) {
        made.add(make(part, folder, progress));
      }
      for (String model : recipe.models(parts)) {
        check(folder, model, output);
      }
      pending.commit();
      return made;
    }
  }

  private String make(Recipe.Part part, Path folder, Progress progress) throws IOException {
    Path target = folder.resolve(part.target());
    Files.createDirectories(target.getParent());
    return switch (part) {
      case Recipe.Text text -> {
        Files.writeString(target, text.content());
        yield text.target() + ": written";
      }
      case Recipe.File file ->
          file.target() + ": " + transfer(file.source(), target, progress) + " " + file.source();
      case Recipe.Weights weights ->
          weights.target() + ": " + weights(weights, target, progress) + " " + weights.source();
      case Recipe.Computed computed -> {
        compute(computed, target, progress);
        yield computed.target() + ": computed of " + computed.from().source();
      }
    };
  }

  private String weights(Recipe.Weights part, Path target, Progress progress) throws IOException {
    String stem = target.getFileName().toString();
    if (staysAsItIs(part)) {
      return transferCheckpoint(part.source(), target.getParent(), progress);
    }
    try (StoredTensors tensors = open(part)) {
      new Conversion(NameRule.of(part.names()), type, shardBytes)
          .into(target.getParent(), stem, tensors, progress);
    }
    return "converted from";
  }

  private static void compute(Recipe.Computed part, Path target, Progress progress)
      throws IOException {
    Path passing = Files.createTempDirectory(target.getParent(), "computing");
    List<Path> written;
    try (StoredTensors tensors = open(part.from())) {
      written =
          new Conversion(NameRule.of(part.from().names()), TargetType.KEEP, Conversion.ONE_FILE)
              .into(passing, part.from().target(), tensors, progress);
    }
    try (Checkpoint checkpoint = Checkpoint.open(written.getFirst())) {
      write(target.resolveSibling(target.getFileName() + ".safetensors"), part, checkpoint);
    }
    Files.delete(written.getFirst());
    Files.delete(passing);
  }

  private static void write(Path file, Recipe.Computed part, Checkpoint checkpoint) {
    List<Recipe.ComputedTensor> tensors = part.compute().apply(checkpoint);
    List<TensorSpec> specs = tensors.stream().map(Recipe.ComputedTensor::spec).toList();
    try (SafetensorsWriter writer = SafetensorsWriter.create(file, specs, Map.of())) {
      for (Recipe.ComputedTensor tensor : tensors) {
        try (TensorArena arena = new HostArena()) {
          writer.write(tensor.spec().name(), tensor.values().apply(arena));
        }
      }
      writer.finish();
    }
  }

  private static StoredTensors open(Recipe.Weights part) {
    boolean below = part.names() instanceof Recipe.Below;
    if (below && (part.key().isEmpty() || !StoredTensors.isTorchArchive(part.source()))) {
      return StoredTensors.openAll(part.source());
    }
    CheckpointException first = null;
    for (String key : part.key().split(" ")) {
      try {
        return StoredTensors.open(part.source(), key);
      } catch (CheckpointException e) {
        first = first == null ? e : first;
      }
    }
    throw first;
  }

  /** Whether nothing at all is asked of a checkpoint. */
  private boolean staysAsItIs(Recipe.Weights part) {
    return !StoredTensors.isTorchArchive(part.source())
        && part.names().equals(Recipe.Prefixes.NONE)
        && type == TargetType.KEEP
        && shardBytes == Conversion.ONE_FILE;
  }

  /** Takes over a safetensors file, or an index with its shards, whose names it knows. */
  private static String transferCheckpoint(Path source, Path folder, Progress progress)
      throws IOException {
    String how = null;
    try (Checkpoint checkpoint = Checkpoint.open(source)) {
      for (SafetensorsFile file : checkpoint.files()) {
        Path target = folder.resolve(file.path().getFileName().toString());
        how = transfer(file.path(), target, progress);
      }
      if (!Files.exists(folder.resolve(source.getFileName().toString()))) {
        transfer(source, folder.resolve(source.getFileName().toString()), progress);
      }
    }
    return how;
  }

  private static String transfer(Path source, Path target, Progress progress) throws IOException {
    return FileTransfer.transfer(source, target, progress) ? "linked to" : "copied from";
  }

  /**
   * Fails if the networks of a model that was made would not be built.
   *
   * @param folder the temporary folder
   * @param model the model's folder below it
   * @param output what the folder will be named, for the message
   */
  private void check(Path folder, String model, Path output) {
    List<String> faults;
    try {
      faults = TensorCheck.faults(family.open(folder.resolve(model)).networks());
    } catch (CheckpointException e) {
      faults = List.of(e.getMessage());
    }
    if (!faults.isEmpty()) {
      String first = faults.getFirst().replace(folder.toString(), output.toString());
      String more = faults.size() == 1 ? "" : "; and " + (faults.size() - 1) + " more faults";
      int colon = first.indexOf(": ");
      throw new CheckpointException(first.substring(0, colon), first.substring(colon + 2) + more);
    }
  }
}
