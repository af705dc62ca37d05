package dev.orrery.model.worldplay;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.model.camera.CameraMove;
import dev.orrery.model.session.Controls;
import java.util.Set;
import org.junit.jupiter.api.Test;

class CameraActionSpaceTest {
  private static final Controls CONTROLS = new CameraActionSpace().controls();

  @Test
  void oppositesUndoEachOther() {
    CameraAction rest = new CameraAction.Move(Set.of());
    for (String pair : new String[] {"ws", "ad", "jl", "ik"}) {
      assertEquals(rest, CONTROLS.action(Set.of(pair.split(""))), pair);
    }
    assertEquals(
        new CameraAction.Move(Set.of(CameraMove.FORWARD, CameraMove.LOOK_UP)),
        CONTROLS.action(Set.of("w", "j", "l", "i")));
  }

  @Test
  void thereIsACameraAndNoMouse() {
    assertTrue(CONTROLS.hasCamera());
    assertFalse(CONTROLS.hasMouse());
  }
}
