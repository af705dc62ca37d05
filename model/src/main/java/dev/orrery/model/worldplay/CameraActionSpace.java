package dev.orrery.model.worldplay;

import dev.orrery.model.camera.Camera;
import dev.orrery.model.camera.CameraMove;
import dev.orrery.model.camera.CameraPath;
import dev.orrery.model.session.Action;
import dev.orrery.model.session.ActionInput;
import dev.orrery.model.session.ActionSpace;
import dev.orrery.model.session.CameraSteering;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntFunction;

/**
 * The actions of WorldPlay: a switch for each {@link CameraMove}, opposites cancelling each other;
 * or where the camera is, along a given path.
 */
public final class CameraActionSpace implements ActionSpace, CameraSteering {
  /** Video frames of a latent frame, which has one camera. */
  static final int FRAMES_PER_POSE = 4;

  private static final List<String> SWITCHES =
      Arrays.stream(CameraMove.values()).map(CameraActionSpace::name).toList();

  private static final List<Set<String>> OPPOSITES =
      List.of(
          opposites(CameraMove.FORWARD, CameraMove.BACKWARD),
          opposites(CameraMove.LEFT, CameraMove.RIGHT),
          opposites(CameraMove.TURN_LEFT, CameraMove.TURN_RIGHT),
          opposites(CameraMove.LOOK_UP, CameraMove.LOOK_DOWN));

  private static final List<KeyBinding> KEYS =
      List.of(
          key("w", "forward", CameraMove.FORWARD),
          key("s", "back", CameraMove.BACKWARD),
          key("a", "left", CameraMove.LEFT),
          key("d", "right", CameraMove.RIGHT),
          key("i", "look up", CameraMove.LOOK_UP),
          key("k", "look down", CameraMove.LOOK_DOWN),
          key("j", "turn left", CameraMove.TURN_LEFT),
          key("l", "turn right", CameraMove.TURN_RIGHT),
          new KeyBinding("q", "nothing", ActionInput.NONE));

  private static String name(CameraMove move) {
    return move.name().toLowerCase(Locale.ROOT).replace('_', '-');
  }

  private static Set<String> opposites(CameraMove one, CameraMove other) {
    return Set.of(name(one), name(other));
  }

  private static KeyBinding key(String key, String meaning, CameraMove move) {
    return new KeyBinding(key, meaning, ActionInput.held(name(move)));
  }

  @Override
  public List<String> switches() {
    return SWITCHES;
  }

  @Override
  public List<Set<String>> opposites() {
    return OPPOSITES;
  }

  @Override
  public List<KeyBinding> keyBindings() {
    return KEYS;
  }

  @Override
  public Optional<CameraSteering> camera() {
    return Optional.of(this);
  }

  @Override
  public CameraAction encode(ActionInput input) {
    Set<CameraMove> moves = EnumSet.noneOf(CameraMove.class);
    input.held().forEach(name -> moves.add(CameraMove.values()[SWITCHES.indexOf(name)]));
    return new CameraAction.Move(moves);
  }

  @Override
  public CameraPath path(List<CameraMove> moves) {
    return CameraMotion.path(moves);
  }

  @Override
  public IntFunction<Action> along(CameraPath path) {
    return frame -> {
      int latentFrame = Math.ceilDiv(frame, framesPerPose());
      Camera camera = path.at(Math.min(latentFrame, path.frames() - 1));
      return new CameraAction.At(camera);
    };
  }

  @Override
  public IntFunction<Action> onwards(List<CameraMove> moves) {
    return frame -> {
      int latentFrame = frame / framesPerPose();
      return new CameraAction.Move(
          latentFrame < moves.size() ? Set.of(moves.get(latentFrame)) : Set.of());
    };
  }

  @Override
  public int framesPerPose() {
    return FRAMES_PER_POSE;
  }
}
