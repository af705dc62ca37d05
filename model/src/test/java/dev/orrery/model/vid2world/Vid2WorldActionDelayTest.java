package dev.orrery.model.vid2world;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.model.session.Action;
import dev.orrery.model.session.ActionInput;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.SyntheticWorld;
import dev.orrery.model.session.UnusableStartException;
import dev.orrery.model.session.WorldModel;
import dev.orrery.model.session.WorldSession;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Which frame answers to an action, and how pictures and latents of the past differ. */
class Vid2WorldActionDelayTest {
  private static final int FRAMES = 5;

  @TempDir Path folder;

  /** The tiny model with another history. */
  static SyntheticWorld write(Path folder, Vid2WorldConfig.History history) throws Exception {
    SyntheticWorld world =
        SyntheticWorld.write(Vid2World.FAMILY, folder, Vid2WorldSessionTest.SCRIPT);
    Path config = folder.resolve(Vid2WorldConfig.FILE);
    String json = Files.readString(config);
    Files.writeString(config, json.replaceFirst("\\{", "{\"history\": \"" + history + "\","));
    return world;
  }

  /** The frames of a session that acts during one of them, or never. */
  private static List<byte[]> play(SyntheticWorld world, WorldModel model, int acting) {
    Action rest = model.actionSpace().action(model.actionSpace().rest());
    Action act =
        model
            .actionSpace()
            .action(new ActionInput(Set.of("w", "space"), Map.of(), Optional.empty()));
    List<byte[]> frames = new ArrayList<>();
    try (WorldSession session = world.start(model, 1, 3)) {
      for (int frame = 0; frame < FRAMES; frame++) {
        Action action = frame == acting ? act : rest;
        frames.add(session.step(List.of(action), Progress.NONE).rgb());
      }
    }
    return frames;
  }

  @ParameterizedTest
  @EnumSource(Vid2WorldConfig.History.class)
  void theFrameAfterAnActionAnswersToIt(Vid2WorldConfig.History history) throws Exception {
    SyntheticWorld world = write(folder, history);
    try (Backend backend = CpuBackend.simd(2);
        WorldModel model = world.load(backend)) {
      List<byte[]> resting = play(world, model, FRAMES);
      for (int acting = 0; acting < FRAMES - 1; acting++) {
        List<byte[]> frames = play(world, model, acting);
        for (int frame = 0; frame <= acting; frame++) {
          assertArrayEquals(resting.get(frame), frames.get(frame), "frame " + frame);
        }
        assertFalse(
            Arrays.equals(resting.get(acting + 1), frames.get(acting + 1)), "after " + acting);
      }
    }
  }

  /**
   * One picture stands for all of a history of pictures, as many are taken, and no other number.
   */
  @Test
  void picturesOfTheStart() throws Exception {
    SyntheticWorld world =
        SyntheticWorld.write(
            Vid2World.FAMILY,
            folder,
            "",
            config -> config.replaceFirst("\"window\": \\d+", "\"window\": 10"));
    try (Backend backend = CpuBackend.simd(2);
        WorldModel model = world.load(backend)) {
      UnusableStartException refused =
          assertThrows(UnusableStartException.class, () -> world.start(model, 8, 3).close());
      assertEquals("start: expected 1 or 9 images, found 8", refused.getMessage());
      world.start(model, 9, 3).close();
    }
  }
}
