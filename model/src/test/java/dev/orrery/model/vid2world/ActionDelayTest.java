package dev.orrery.model.vid2world;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.model.family.ModelFamily;
import dev.orrery.model.session.Action;
import dev.orrery.model.session.ActionInput;
import dev.orrery.model.session.ActionSpace;
import dev.orrery.model.session.SyntheticWorld;
import dev.orrery.model.session.WorldModel;
import dev.orrery.model.session.WorldSession;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A frame answers to the action that was given with the frame before it. */
class ActionDelayTest {
  @TempDir Path folder;

  @Test
  void ofPictures() throws Exception {
    check(Vid2World.FAMILY, ActionInput.held("w").and(ActionInput.axis("mouse-x", 500)));
  }

  @Test
  void ofLatents() throws Exception {
    check(Vid2World.FAMILY.syntheticVariant("robot"), ActionInput.axis("dyaw", 50));
  }

  private void check(ModelFamily family, ActionInput other) throws Exception {
    SyntheticWorld world = SyntheticWorld.write(family, folder, "");
    try (Backend backend = CpuBackend.simd(2);
        WorldModel model = world.load(backend)) {
      List<byte[]> rest = frames(world, model, 0, ActionInput.NONE);
      for (int at = 0; at < 2; at++) {
        List<byte[]> changed = frames(world, model, at, other);
        for (int frame = 0; frame <= at; frame++) {
          assertArrayEquals(rest.get(frame), changed.get(frame));
        }
        assertFalse(Arrays.equals(rest.get(at + 1), changed.get(at + 1)));
      }
    }
  }

  /** Three frames, during one of which something is done. */
  private static List<byte[]> frames(
      SyntheticWorld world, WorldModel model, int at, ActionInput input) {
    ActionSpace space = model.actionSpace();
    List<byte[]> frames = new ArrayList<>();
    try (WorldSession session = world.start(model)) {
      for (int frame = 0; frame < 3; frame++) {
        Action action = space.action(frame == at ? input : ActionInput.NONE);
        frames.add(session.step(List.of(action)).rgb());
      }
    }
    return frames;
  }
}
