package dev.orrery.cli.example;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.PlanningBackend;
import dev.orrery.model.family.ModelFamily;
import dev.orrery.model.family.ModelFolder;
import dev.orrery.model.family.NetworkWeights;
import dev.orrery.model.family.VideoShape;
import dev.orrery.model.session.ActionSpace;
import dev.orrery.model.session.MemoryPlan;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.StartRequirements;
import dev.orrery.model.session.WorldModel;
import dev.orrery.runtime.checkpoint.JsonValue;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Worlds of one colour, which keys shift. A model is a folder with a configuration alone. */
public final class ColourFamily implements ModelFamily {
  private static final String CONFIG = "config.json";

  @Override
  public String id() {
    return "colours";
  }

  @Override
  public boolean recognizes(Path folder) {
    Path config = folder.resolve(CONFIG);
    return Files.isRegularFile(config) && JsonValue.read(config).string("family", "").equals(id());
  }

  @Override
  public ModelFolder open(Path folder) {
    JsonValue config = JsonValue.read(folder.resolve(CONFIG));
    int side = config.positive("side");
    if (side > 1024) {
      throw config.get("side").unexpected("at most 1024 pixels");
    }
    return new Colours(side);
  }

  /** A model whose frames are squares. */
  private record Colours(int side) implements ModelFolder {
    @Override
    public String description() {
      return "Colours, " + side + "x" + side;
    }

    @Override
    public VideoShape video() {
      return new VideoShape(side, side, 10);
    }

    @Override
    public int framesOfChunk(int chunk) {
      return 1;
    }

    @Override
    public ActionSpace actionSpace() {
      return new ColourActions();
    }

    @Override
    public int steps() {
      return 1;
    }

    @Override
    public StartRequirements startRequirements() {
      return StartRequirements.of(side, side);
    }

    @Override
    public List<NetworkWeights<?>> networks() {
      return List.of();
    }

    @Override
    public MemoryPlan plan(PlanningBackend backend) {
      return new MemoryPlan("Colours", 0, 0, 3, 3L * side * side, 0, 3, 0, 0, 0);
    }

    @Override
    public WorldModel load(Backend backend, Progress progress) {
      return new ColourWorld(side, backend);
    }
  }
}
