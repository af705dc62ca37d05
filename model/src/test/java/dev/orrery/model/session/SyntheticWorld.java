package dev.orrery.model.session;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.PlanningBackend;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.model.family.ModelFamily;
import dev.orrery.model.family.NetworkWeights;
import dev.orrery.model.family.SyntheticScale;
import dev.orrery.runtime.checkpoint.PlannedTensors;
import dev.orrery.runtime.checkpoint.SafetensorsWriter;
import dev.orrery.runtime.media.RgbImage;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;

/**
 * The tiny synthetic model of a family, with random weights in fp32.
 *
 * @param script what is held; empty for a model that takes no actions
 * @param isPlayedEverywhere see {@link TinyWorld#isPlayedEverywhere}
 */
public record SyntheticWorld(
    ModelFamily family, Path folder, String script, boolean isPlayedEverywhere)
    implements TinyWorld {
  /** Writes the model. */
  public static SyntheticWorld write(ModelFamily family, Path folder, String script)
      throws IOException {
    return write(family, folder, script, config -> config);
  }

  /**
   * Writes the model with other settings.
   *
   * @param change makes the text of {@code config.json} of that of the tiny model
   */
  public static SyntheticWorld write(
      ModelFamily family, Path folder, String script, UnaryOperator<String> change)
      throws IOException {
    for (Map.Entry<String, URL> file : family.syntheticFiles(SyntheticScale.TINY).entrySet()) {
      Path target = folder.resolve(file.getKey());
      Files.createDirectories(target.getParent());
      try (InputStream in = file.getValue().openStream()) {
        Files.copy(in, target);
      }
    }
    Path config = folder.resolve("config.json");
    if (Files.exists(config)) {
      Files.writeString(config, change.apply(Files.readString(config)));
    }
    long seed = 1;
    for (NetworkWeights<?> network : family.open(folder).networks()) {
      PlannedTensors asked = PlannedTensors.of(DType.F32);
      network.read(asked);
      SafetensorsWriter.write(network.checkpoint(), RandomWeights.of(asked, seed++), Map.of());
    }
    return new SyntheticWorld(family, folder, script, true);
  }

  /** The same, as the second model of its family. */
  public SyntheticWorld onTheCpu() {
    return new SyntheticWorld(family, folder, script, false);
  }

  @Override
  public MemoryPlan plan() {
    return family.open(folder).plan(PlanningBackend.cpu());
  }

  @Override
  public WorldModel load(Backend backend) {
    return family.open(folder).load(backend, Progress.NONE);
  }

  @Override
  public WorldSession start(WorldModel model) {
    StartRequirements needed = family.open(folder).startRequirements();
    return start(model, Math.max(1, needed.images().least()), 1);
  }

  /** Starts a session from so many images. */
  public WorldSession start(WorldModel model, int images, long seed) {
    return model.start(begin(model, images, seed));
  }

  /** What {@link #start(WorldModel, int, long)} starts from. */
  public static Start begin(WorldModel model, int images, long seed) {
    List<RgbImage> pictures =
        IntStream.range(0, images)
            .mapToObj(i -> picture(model.width(), model.height(), i))
            .toList();
    return Start.of(pictures, seed);
  }

  private static RgbImage picture(int width, int height, int index) {
    byte[] rgb = new byte[3 * width * height];
    for (int i = 0; i < rgb.length; i++) {
      rgb[i] = (byte) (90 + 37 * index + i % (50 + index));
    }
    return new RgbImage(width, height, rgb);
  }

  @Override
  public IntFunction<Action> actions(WorldModel model) {
    if (script.isEmpty()) {
      Action rest = model.actionSpace().action(model.actionSpace().rest());
      return frame -> rest;
    }
    return ActionScript.parse(script, model.actionSpace().controls())::at;
  }
}
