package dev.orrery.model.worldplay;

import dev.orrery.model.camera.Camera;
import dev.orrery.model.camera.CameraMove;
import dev.orrery.model.session.Action;
import java.util.EnumSet;
import java.util.Set;

/**
 * Where the camera of a latent frame is. WorldPlay listens once for each latent frame: to the
 * action of its first video frame.
 */
public sealed interface CameraAction extends Action {
  /**
   * Moves made since the latent frame before, see {@link CameraMotion#move}. The very first latent
   * frame has none before it, so there they do nothing.
   *
   * @param moves none to stand still
   */
  record Move(Set<CameraMove> moves) implements CameraAction {
    public Move {
      moves = moves.isEmpty() ? Set.of() : Set.copyOf(EnumSet.copyOf(moves));
    }
  }

  /**
   * A given camera, wherever the one before was.
   *
   * @param camera pose and intrinsics
   */
  record At(Camera camera) implements CameraAction {}
}
