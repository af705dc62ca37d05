package dev.orrery.weights.synthesize;

import dev.orrery.kernels.tensor.DType;
import dev.orrery.model.family.ModelFamily;
import dev.orrery.model.family.ModelFolder;
import dev.orrery.model.family.NetworkWeights;
import dev.orrery.model.family.SyntheticScale;
import dev.orrery.model.session.Progress;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.TensorSpec;
import dev.orrery.runtime.files.PendingOutput;
import dev.orrery.runtime.media.RgbImage;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * Writes the folder of a model with random weights: the names and shapes of a family, so that
 * everything can be tried but the images.
 *
 * <p>Family, scale and seed decide all bytes.
 */
public final class SyntheticModel {
  /** Size of the start image, which is resized anyway. */
  private static final int WIDTH = 256;

  private static final int HEIGHT = 144;

  private SyntheticModel() {}

  /**
   * Writes a model in bf16.
   *
   * @param family one that has synthetic models
   * @param folder where it will be: nothing yet, or an empty folder
   * @param progress receives progress in MiB; an exception that it throws ends the writing
   * @throws IOException if it cannot be written; nothing is left of it then
   */
  public static void write(
      ModelFamily family, SyntheticScale scale, long seed, Path folder, Progress progress)
      throws IOException {
    try (PendingOutput output = PendingOutput.folder(folder)) {
      Path temporary = output.temporary();
      for (Map.Entry<String, URL> file : family.syntheticFiles(scale).entrySet()) {
        copy(file.getValue(), temporary.resolve(file.getKey()));
      }
      ModelFolder model = family.open(temporary);
      writeStart(temporary, seed, model.startRequirements().images().least());
      for (NetworkWeights<?> network : model.networks()) {
        write(network, seed, progress);
      }
      output.commit();
    }
  }

  private static void copy(URL resource, Path target) throws IOException {
    Files.createDirectories(target.getParent());
    try (InputStream in = resource.openStream()) {
      Files.copy(in, target);
    }
  }

  private static void write(NetworkWeights<?> network, long seed, Progress progress) {
    if (Files.exists(network.checkpoint())) {
      throw new CheckpointException(
          network.checkpoint().toString(),
          "lies where weights of the " + network.name() + " are looked for; choose another folder");
    }
    List<TensorSpec> tensors = network.tensors(DType.BF16);
    int total = (int) Math.max(1, tensors.stream().mapToLong(TensorSpec::byteSize).sum() >> 20);
    String stage = "making " + network.name() + ", MiB";
    SyntheticCheckpoint.write(
        network.checkpoint(),
        tensors,
        seed,
        Map.of(),
        bytes -> progress.report(stage, (int) Math.min(total, bytes >> 20), total));
  }

  /** An image, or as many as the model needs. */
  private static void writeStart(Path folder, long seed, int images) throws IOException {
    if (images <= 1) {
      startImage(seed, 0).writePng(folder.resolve("start.png"));
      return;
    }
    Path start = Files.createDirectory(folder.resolve("start"));
    for (int i = 0; i < images; i++) {
      startImage(seed, i).writePng(start.resolve(String.format(Locale.ROOT, "%03d.png", i)));
    }
  }

  /** A floor below a sky, in colours of the seed, which one walks along frame by frame. */
  private static RgbImage startImage(long seed, int frame) {
    byte[] rgb = new byte[3 * WIDTH * HEIGHT];
    for (int y = 0; y < HEIGHT; y++) {
      for (int x = 0; x < WIDTH; x++) {
        boolean floor = y > HEIGHT / 2;
        int depth = floor ? (y - HEIGHT / 2) * 2 : HEIGHT - y;
        boolean light = floor && ((x + 4 * frame) / 16 + y / 8) % 2 == 0;
        for (int c = 0; c < 3; c++) {
          long tint = seed >>> 8 * c & 63;
          rgb[3 * (y * WIDTH + x) + c] = (byte) (depth + tint + (light ? 40 : 0));
        }
      }
    }
    return new RgbImage(WIDTH, HEIGHT, rgb);
  }
}
