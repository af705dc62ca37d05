package dev.orrery.model.matrixgame2;

import dev.orrery.model.family.WeightFiles;
import dev.orrery.model.wan.WanDecoders;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.JsonValue;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Where the parts of a model lie. Two layouts are known: one folder with {@code config.json},
 * {@code dit}, {@code vae} and {@code image_encoder} checkpoints, and the released repository after
 * conversion to safetensors, where each variant has a folder of its own with {@code config.json}
 * beside its transformer and the other two lie one folder up.
 */
final class MatrixGame2Files {
  private static final String CONFIG = "config.json";

  private MatrixGame2Files() {}

  static WeightFiles transformer(Path folder) {
    return new WeightFiles(
        "transformer",
        List.of(folder),
        List.of("dit", "base_distill", "gta_keyboard2dim", "templerun_7dim_onlykey"));
  }

  static WeightFiles vae(Path folder) {
    return new WeightFiles("VAE", hereAndAbove(folder), List.of("vae", "Wan2.1_VAE"));
  }

  static WeightFiles taehv(Path folder) {
    return WanDecoders.files(
        hereAndAbove(folder), List.of("taew2_1"), "docs/models/matrix-game-2.md");
  }

  static WeightFiles imageEncoder(Path folder) {
    return new WeightFiles(
        "image encoder",
        hereAndAbove(folder),
        List.of("image_encoder", "models_clip_open-clip-xlm-roberta-large-vit-huge-14"));
  }

  private static List<Path> hereAndAbove(Path folder) {
    // Stays relative if the folder is, so that messages name files as the user does.
    return List.of(folder, folder.resolve("..").normalize());
  }

  /**
   * Whether a folder has the configuration of a model of this family, or is a repository with such
   * folders. Released configurations name no family.
   */
  static boolean isModel(Path given) {
    if (Files.isRegularFile(given.resolve(CONFIG))) {
      JsonValue config = JsonValue.read(given.resolve(CONFIG));
      return config.has("family")
          ? config.string("family").equals(MatrixGame2Config.FAMILY)
          : config.has("action_config") || config.has("dit");
    }
    return Files.isDirectory(given) && variants(given).stream().anyMatch(MatrixGame2Files::isModel);
  }

  /**
   * The folder that has {@code config.json}: the given one, or the only one in it.
   *
   * @throws CheckpointException if there is none, or more than one
   */
  static Path modelFolder(Path given) {
    if (!Files.isDirectory(given)) {
      throw new CheckpointException(
          given.toString(),
          "expected a model folder, found " + (Files.exists(given) ? "a file" : "nothing"));
    }
    if (Files.exists(given.resolve(CONFIG))) {
      return given;
    }
    List<Path> variants = variants(given);
    if (variants.size() == 1) {
      return variants.getFirst();
    }
    throw new CheckpointException(
        given.toString(),
        variants.isEmpty()
            ? "expected a model folder with " + CONFIG + ", found none"
            : "expected one model, found several; name one of " + variants);
  }

  private static List<Path> variants(Path repository) {
    List<Path> variants = new ArrayList<>();
    try (DirectoryStream<Path> children =
        Files.newDirectoryStream(repository, Files::isDirectory)) {
      for (Path child : children) {
        if (Files.isRegularFile(child.resolve(CONFIG))) {
          variants.add(child);
        }
      }
    } catch (IOException e) {
      throw CheckpointException.cannotRead(repository, e);
    }
    Collections.sort(variants);
    return variants;
  }
}
