package dev.orrery.weights.quantize;

import dev.orrery.model.family.ModelFamily;
import dev.orrery.model.family.NetworkWeights;
import dev.orrery.model.session.Progress;
import dev.orrery.runtime.checkpoint.Checkpoint;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.SafetensorsFile;
import dev.orrery.runtime.files.PendingOutput;
import dev.orrery.weights.source.FileTransfer;
import dev.orrery.weights.source.FolderFiles;
import dev.orrery.weights.verify.TensorCheck;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Makes the folder of a model whose transformer has fewer bits. Everything else is linked where the
 * file system can, else copied.
 */
public final class ModelQuantization {
  private static final int MAX_DEPTH = 4;
  private static final String INDEX_ENDING = ".index.json";

  private ModelQuantization() {}

  /**
   * Makes the folder.
   *
   * @param model a model's folder
   * @param output where the new one will be: nothing yet, or an empty folder
   * @param progress receives progress in MiB; an exception that it throws ends the work
   * @return what was quantised
   * @throws CheckpointException if the model is not valid
   * @throws IOException if the folder cannot be written; nothing is left of it then
   */
  public static List<QuantizedTensor> make(
      Path model, CheckpointQuantization quantization, Path output, Progress progress)
      throws IOException {
    ModelFamily family = quantization.families().of(model);
    List<NetworkWeights<?>> networks = family.open(model).networks();
    Path transformer = networks.getFirst().checkpoint();
    try (PendingOutput pending = PendingOutput.folder(output)) {
      Path folder = pending.temporary();
      transferRest(model, networks, folder, progress);
      Path target = folder.resolve(model.relativize(transformer));
      Files.createDirectories(target.getParent());
      List<QuantizedTensor> quantised =
          quantization.write(transformer, withoutIndex(target), progress);
      List<String> faults = TensorCheck.faults(family.open(folder).networks());
      if (!faults.isEmpty()) {
        throw new CheckpointException(model.toString(), "cannot be built: " + faults.getFirst());
      }
      pending.commit();
      return quantised;
    }
  }

  /** What is quantised goes into one file. */
  private static Path withoutIndex(Path checkpoint) {
    String name = checkpoint.getFileName().toString();
    return name.endsWith(INDEX_ENDING)
        ? checkpoint.resolveSibling(name.substring(0, name.length() - INDEX_ENDING.length()))
        : checkpoint;
  }

  /** Takes over all files but the transformer's, and checkpoints that lie beside the folder. */
  private static void transferRest(
      Path model, List<NetworkWeights<?>> networks, Path folder, Progress progress)
      throws IOException {
    Set<Path> transformer = files(networks.getFirst().checkpoint());
    for (Path file : FolderFiles.of(model, MAX_DEPTH)) {
      if (!transformer.contains(file.toAbsolutePath())) {
        Path target = folder.resolve(model.relativize(file));
        Files.createDirectories(target.getParent());
        FileTransfer.transfer(file, target, progress);
      }
    }
    Path inside = model.toAbsolutePath().normalize();
    for (NetworkWeights<?> network : networks) {
      if (!network.checkpoint().toAbsolutePath().normalize().startsWith(inside)) {
        for (Path file : files(network.checkpoint())) {
          FileTransfer.transfer(file, folder.resolve(file.getFileName()), progress);
        }
      }
    }
  }

  /** All files of a checkpoint. */
  private static Set<Path> files(Path checkpoint) {
    Set<Path> files = new HashSet<>();
    files.add(checkpoint.toAbsolutePath());
    try (Checkpoint opened = Checkpoint.open(checkpoint)) {
      for (SafetensorsFile file : opened.files()) {
        files.add(file.path().toAbsolutePath());
      }
    }
    return files;
  }
}
