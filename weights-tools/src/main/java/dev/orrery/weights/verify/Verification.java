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
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

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
   * @throws CheckpointException if a single file is not valid, a folder has no checkpoint, or there
   *     is no model of the named family to compare with
   */
  public static Verification of(
      Path path, Families families, Optional<ModelFamily> named, Progress progress) {
    Set<String> faults = new LinkedHashSet<>();
    Optional<ModelFamily> family = named.isPresent() ? named : recognized(path, families, faults);
    Resemblance resemblance = new Resemblance(families);
    family.ifPresent(known -> faults.addAll(compare(known, path, resemblance)));
    List<Scan> scans = new ArrayList<>();
    for (Path checkpoint : checkpoints(path, faults)) {
      try (StoredTensors tensors =
          StoredTensors.openAll(checkpoint, fault -> faults.add(fault.getMessage()))) {
        List<ValueScan.Counts> counts = ValueScan.of(tensors, progress);
        scans.add(new Scan(checkpoint, counts));
        counts.stream()
            .filter(count -> !count.isClean())
            .forEach(count -> faults.add(describe(tensors, count)));
      } catch (CheckpointException e) {
        if (checkpoint.equals(path)) {
          throw e;
        }
        faults.add(e.getMessage());
      }
    }
    return new Verification(path, scans, family, List.copyOf(faults));
  }

  /** The family of a model's folder, if its configuration can be used; what cannot is a fault. */
  private static Optional<ModelFamily> recognized(
      Path path, Families families, Set<String> faults) {
    try {
      Optional<ModelFamily> family = families.recognizing(path);
      family.ifPresent(known -> known.open(path));
      return family;
    } catch (CheckpointException e) {
      faults.add(e.getMessage());
      return Optional.empty();
    }
  }

  /** All checkpoints; that a folder has none is one fault of several if others are known. */
  private static List<Path> checkpoints(Path path, Set<String> faults) {
    try {
      return CheckpointReport.checkpoints(path);
    } catch (CheckpointException e) {
      if (faults.isEmpty()) {
        throw e;
      }
      faults.add(e.getMessage());
      return List.of();
    }
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

  /** Compares with the networks of a folder, or with the one of a file in or below it. */
  private static List<String> compare(ModelFamily family, Path path, Resemblance resemblance) {
    if (Files.isDirectory(path)) {
      List<String> faults = new ArrayList<>();
      for (NetworkWeights<?> network : family.open(path).networks()) {
        faults.addAll(faults(network, network.checkpoint(), resemblance));
      }
      return faults;
    }
    for (Path folder : List.of(path.resolveSibling(""), path.resolveSibling("..").normalize())) {
      if (family.recognizes(folder)) {
        for (NetworkWeights<?> network : family.open(folder).networks()) {
          if (isSame(network.checkpoint(), path)) {
            return faults(network, path, resemblance);
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

  /** A line for each fault, or one that says that it is another network's checkpoint. */
  private static List<String> faults(
      NetworkWeights<?> network, Path path, Resemblance resemblance) {
    Set<String> names = TensorCheck.namesOfAnother(network, path);
    if (names.isEmpty()) {
      return TensorCheck.faults(network, path);
    }
    String found =
        resemblance
            .of(names)
            .map(known -> "those of " + known)
            .orElseGet(
                () -> names.size() + " tensors of none, such as " + new TreeSet<>(names).first());
    return List.of(path + ": expected the weights of the " + network.name() + ", found " + found);
  }

  private static boolean isSame(Path a, Path b) {
    try {
      return Files.exists(a) && Files.exists(b) && Files.isSameFile(a, b);
    } catch (IOException e) {
      throw CheckpointException.cannotRead(b, e);
    }
  }
}
