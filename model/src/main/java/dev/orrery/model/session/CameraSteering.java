package dev.orrery.model.session;

import dev.orrery.model.camera.CameraMove;
import dev.orrery.model.camera.CameraPath;
import java.util.List;
import java.util.function.IntFunction;

/** How the camera of a model is led along a path that is known beforehand. */
public interface CameraSteering {
  /** The path of a camera that starts where the world begins; one pose more than moves. */
  CameraPath path(List<CameraMove> moves);

  /**
   * The actions that take the camera along a path, by video frame. At the end of the path it stands
   * still.
   */
  IntFunction<Action> along(CameraPath path);

  /**
   * The actions that move the camera from where it is in a world that was left between two chunks,
   * by video frame from there on. After the last move it stands still.
   */
  IntFunction<Action> onwards(List<CameraMove> moves);

  /** Video frames from one pose of a path to the next; the first pose has a frame of its own. */
  int framesPerPose();

  /** Video frames that a path has. */
  default int frames(CameraPath path) {
    return framesPerPose() * (path.frames() - 1) + 1;
  }
}
