package dev.orrery.weights.verify;

import dev.orrery.model.Families;
import dev.orrery.model.family.ModelFamily;
import dev.orrery.model.family.NetworkWeights;
import dev.orrery.model.session.Progress;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.weights.report.CheckpointReport;
import dev.orrery.weights.source.StoredTensors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/**
 * What was found out about a checkpoint or a model's folder.
 *
 * @param path the file or folder
 * @param scans the values of each checkpoint in it
 * @param family whose networks the tensors were compared with, if they were
 * @param faults a line for each thing that is wrong
 */
public record Verification(
    Path path, List<Scan> scans, Optional<ModelFamily> family, List<String> faults) {
  /**
   * The values of one checkpoint.
   *
   * @param checkpoint its file or index
   * @param tensors the counts of each tensor
   */
  public record Scan(Path checkpoint, List<ValueScan.Counts> tensors) {}

  /**
   * Checks headers, names and shapes, and reads every value once.
   *
   * @param path a checkpoint, or a folder with checkpoints
   * @param families the families that there are
   * @param named the family to compare with; if empty, a model's folder says its own, and anything
   *     else is not compared
   * @param progress receives progress in MiB; an exception that it throws ends the check
   * @throws CheckpointException if a checkpoint is not valid, or if there is no model to compare
   *     with
   */
  public static Verification of(
      Path path, Families families, Optional<ModelFamily> named, Progress progress) {
    List<String> faults = new ArrayList<>();
    Optional<ModelFamily> family = named.or(() -> families.recognizing(path));
    family.ifPresent(known -> faults.addAll(TensorCheck.faults(networks(known, path))));
    List<Scan> scans = new ArrayList<>();
    for (CheckpointReport.Content content : CheckpointReport.of(path).contents()) {
      try (StoredTensors tensors = StoredTensors.openAll(content.path())) {
        List<ValueScan.Counts> counts = ValueScan.of(tensors, progress);
        scans.add(new Scan(content.path(), counts));
        counts.stream()
            .filter(count -> !count.isClean())
            .forEach(count -> faults.add(describe(tensors, count)));
      }
    }
    return new Verification(path, scans, family, faults);
  }

  private static String describe(StoredTensors tensors, ValueScan.Counts count) {
    String name = count.tensor().name();
    String found =
        String.format(
            Locale.ROOT,
            "%d NaN and %d infinite of %d values",
            count.notANumber(),
            count.infinite(),
            count.tensor().shape().elements());
    return new CheckpointException(tensors.location(name), "tensor " + name + ": " + found)
        .getMessage();
  }

  /** The networks of a folder, or the one of a file that lies in a model's folder or below it. */
  private static List<NetworkWeights<?>> networks(ModelFamily family, Path path) {
    if (Files.isDirectory(path)) {
      return family.open(path).networks();
    }
    Path folder = path.toAbsolutePath().getParent();
    for (int level = 0; level < 2 && folder != null; level++, folder = folder.getParent()) {
      if (family.recognizes(folder)) {
        for (NetworkWeights<?> network : family.open(folder).networks()) {
          if (isSame(network.checkpoint(), path)) {
            return List.of(network);
          }
        }
      }
    }
    throw new CheckpointException(
        path.toString(),
        "expected a checkpoint in the folder of a "
            + family.id()
            + " model, beside its config.json");
  }

  private static boolean isSame(Path a, Path b) {
    try {
      return Files.exists(a) && Files.exists(b) && Files.isSameFile(a, b);
    } catch (IOException e) {
      throw CheckpointException.cannotRead(b, e);
    }
  }
}
