package dev.orrery.model.vid2world;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.session.HostileSessionTest;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.SyntheticWorld;
import dev.orrery.model.session.TinyWorld;
import dev.orrery.model.session.WorldModel;
import dev.orrery.model.session.WorldSession;
import dev.orrery.runtime.checkpoint.CheckpointException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Files that are no saved sessions of a robot. */
class GrowingWindowHostileSessionTest extends HostileSessionTest {
  @TempDir static Path modelFolder;

  private static TinyWorld tiny;

  @BeforeAll
  static void write() throws IOException {
    tiny = GrowingWindowSessionTest.robot(modelFolder);
  }

  @Override
  protected TinyWorld world() {
    return tiny;
  }

  /** Of one picture and two frames, all of which the window holds. */
  @Test
  void nothingIsMissingOfThePast() {
    String past = "generator.past";
    assertRefused(past, 4, past + ": expected 0 to 3, found 4");
    assertRefused(past, -1, past + ": expected 0 to 3, found -1");
    Tensor clean = tensor("generator.clean");
    assertRefused(past, 2, "generator.clean: expected F32[2, 2, 4, 4], found F32[3, 2, 4, 4]");
    put("generator.clean", clean.slice(0, 2));
    put("generator.seen", tensor("generator.seen").slice(0, 2));
    assertRefused(past, 2, "no session goes on from here: generator.past: expected 3, found 2");
    put("generator.clean", null);
    put("generator.seen", null);
    assertRefused(past, 0, "no session goes on from here: generator.past: expected 3, found 0");
  }

  @Test
  void thereIsAStart() {
    String frames = "condition.frames";
    assertRefused(frames, 0, frames + ": expected 1 or more, found 0");
    assertRefused(frames, 4, frames + ": expected 0 to 3, found 4");
    assertRefused(frames, 2, "condition.pictures: expected F32[2, 4, 8, 3], found F32[1, 4, 8, 3]");
  }

  @Test
  void everythingIsFinite() {
    for (String name :
        List.of(
            "generator.clean",
            "generator.seen",
            "generator.held",
            "generator.acting",
            "generator.idle",
            "condition.pictures")) {
      for (float value : new float[] {Float.NaN, Float.NEGATIVE_INFINITY}) {
        assertRefused(name, value, name + ": expected finite values, found " + value + " at 0");
      }
    }
  }

  /** As if an arm of 13 numbers were the robot. */
  @Test
  void actionsAreThoseOfTheModel() {
    assertRefused(
        "generator.held",
        Tensor.of(new float[4 * 13], 4, 13),
        "generator.held: expected F32[4, 3], found F32[4, 13]");
  }

  /** Models of the same family that keep something else, or take other actions. */
  @Test
  void sessionsOfOtherModelsAreRefused(
      @TempDir Path shooter, @TempDir Path arm, @TempDir Path saved) throws IOException {
    SyntheticWorld shoots = SyntheticWorld.write(Vid2World.FAMILY, shooter, "");
    SyntheticWorld moves = GrowingWindowSessionTest.robot(arm, 13);
    try (Backend backend = CpuBackend.simd(2);
        WorldModel model = tiny.load(backend)) {
      assertOther(model, shoots, saved, "model: expected Vid2World, 8x4, 2 denoising");
      assertOther(model, moves, saved, "fingerprint of the model: expected ");
    }
  }

  private static void assertOther(
      WorldModel model, SyntheticWorld other, Path folder, String reason) {
    Path file = folder.resolve("saved.safetensors");
    try (Backend backend = CpuBackend.simd(2);
        WorldModel others = other.load(backend);
        WorldSession session = other.start(others)) {
      session.save(file, Progress.NONE);
    }
    String message =
        assertThrows(CheckpointException.class, () -> model.resume(file, Progress.NONE))
            .getMessage();
    assertTrue(message.startsWith(file + ": " + reason), message);
    assertEquals(1, message.lines().count());
  }
}
