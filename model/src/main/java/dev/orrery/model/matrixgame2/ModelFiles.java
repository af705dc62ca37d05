package dev.orrery.model.matrixgame2;

import dev.orrery.runtime.checkpoint.Checkpoint;
import dev.orrery.runtime.checkpoint.CheckpointException;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.function.LongConsumer;

/**
 * The opened checkpoints of a model. Two layouts are known: one folder with {@code config.json},
 * {@code dit}, {@code vae} and {@code image_encoder} checkpoints, and the released repository after
 * conversion to safetensors, where each variant has a folder of its own with {@code config.json}
 * beside its transformer and the other two lie one folder up.
 *
 * @param folder where {@code config.json} lies
 * @param dit the transformer's weights
 * @param vae the autoencoder's weights
 * @param imageEncoder the image encoder's weights
 */
record ModelFiles(Path folder, Checkpoint dit, Checkpoint vae, Checkpoint imageEncoder)
    implements AutoCloseable {
  private static final String CONFIG = "config.json";
  private static final List<String> DIT_STEMS =
      List.of("dit", "base_distill", "gta_keyboard2dim", "templerun_7dim_onlykey");
  private static final List<String> VAE_STEMS = List.of("vae", "Wan2.1_VAE");
  private static final List<String> IMAGE_ENCODER_STEMS =
      List.of("image_encoder", "models_clip_open-clip-xlm-roberta-large-vit-huge-14");

  /**
   * Opens the files of a model without reading their data.
   *
   * @param given a model's folder, or the root of a released repository that has one variant
   * @throws CheckpointException if there is no model, or more than one, or a file is not valid
   */
  static ModelFiles open(Path given) {
    Path folder = modelFolder(given);
    List<Checkpoint> opened = new ArrayList<>();
    try {
      opened.add(openFound("transformer", folder, dit(folder), DIT_STEMS));
      opened.add(openFound("VAE", folder, vae(folder), VAE_STEMS));
      opened.add(openFound("image encoder", folder, imageEncoder(folder), IMAGE_ENCODER_STEMS));
      return new ModelFiles(folder, opened.get(0), opened.get(1), opened.get(2));
    } catch (RuntimeException e) {
      opened.forEach(Checkpoint::close);
      throw e;
    }
  }

  /** Where the transformer's weights lie; where they should lie if there are none. */
  static Path dit(Path folder) {
    return find(List.of(folder), DIT_STEMS);
  }

  /** Where the autoencoder's weights lie; where they should lie if there are none. */
  static Path vae(Path folder) {
    return find(hereAndAbove(folder), VAE_STEMS);
  }

  /** Where the image encoder's weights lie; where they should lie if there are none. */
  static Path imageEncoder(Path folder) {
    return find(hereAndAbove(folder), IMAGE_ENCODER_STEMS);
  }

  private static List<Path> hereAndAbove(Path folder) {
    Path parent = folder.toAbsolutePath().normalize().getParent();
    return parent == null ? List.of(folder) : List.of(folder, parent);
  }

  /** The folder that has {@code config.json}: the given one, or the only one in it. */
  static Path modelFolder(Path given) {
    if (!Files.isDirectory(given)) {
      throw new CheckpointException(
          given.toString(),
          "expected a model folder, found " + (Files.exists(given) ? "a file" : "nothing"));
    }
    if (Files.exists(given.resolve(CONFIG))) {
      return given;
    }
    List<Path> variants = new ArrayList<>();
    try (DirectoryStream<Path> children = Files.newDirectoryStream(given, Files::isDirectory)) {
      for (Path child : children) {
        if (Files.exists(child.resolve(CONFIG))) {
          variants.add(child);
        }
      }
    } catch (IOException e) {
      throw CheckpointException.cannotRead(given, e);
    }
    Collections.sort(variants);
    if (variants.size() == 1) {
      return variants.getFirst();
    }
    throw new CheckpointException(
        given.toString(),
        variants.isEmpty()
            ? "expected a model folder with " + CONFIG + ", found none"
            : "expected one model, found several; name one of " + variants);
  }

  private static Path find(List<Path> folders, List<String> stems) {
    for (Path folder : folders) {
      for (String stem : stems) {
        for (String ending : List.of(".safetensors", ".safetensors.index.json")) {
          Path file = folder.resolve(stem + ending);
          if (Files.exists(file)) {
            return file;
          }
        }
      }
    }
    return folders.getFirst().resolve(stems.getFirst() + ".safetensors");
  }

  private static Checkpoint openFound(String what, Path folder, Path file, List<String> stems) {
    if (Files.exists(file)) {
      return Checkpoint.open(file);
    }
    throw new CheckpointException(
        folder.toString(),
        "expected the weights of the "
            + what
            + " as "
            + stems.getFirst()
            + ".safetensors or "
            + String.join(".safetensors, ", stems.subList(1, stems.size()))
            + ".safetensors, found none");
  }

  /** Bytes of all tensors. */
  long byteSize() {
    return dit.byteSize() + vae.byteSize() + imageEncoder.byteSize();
  }

  /** Brings all data into memory, told in bytes so far. */
  void load(LongConsumer progress) {
    long before = 0;
    for (Checkpoint checkpoint : List.of(dit, vae, imageEncoder)) {
      long base = before;
      checkpoint.load(bytes -> progress.accept(base + bytes));
      before += checkpoint.byteSize();
    }
  }

  @Override
  public void close() {
    dit.close();
    vae.close();
    imageEncoder.close();
  }
}
