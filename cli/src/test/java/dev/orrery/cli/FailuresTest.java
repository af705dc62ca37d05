package dev.orrery.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.orrery.cli.command.Failures;
import dev.orrery.cli.command.Program;
import dev.orrery.model.camera.InvalidCameraException;
import dev.orrery.model.camera.PoseString;
import org.junit.jupiter.api.Test;

class FailuresTest {
  @Test
  void aCameraThatCannotBeUsedIsTheUsersMistake() {
    InvalidCameraException e =
        assertThrows(InvalidCameraException.class, () -> PoseString.parse("w-x"));
    assertEquals(Program.UNUSABLE, Failures.exitCode(e));
    assertEquals(
        "camera: expected a number of latent frames, found \"x\" at line 1, column 3",
        Failures.describe(e));
  }
}
