package dev.orrery.model.worldplay;

import dev.orrery.model.camera.Camera;
import dev.orrery.model.camera.CameraMove;
import dev.orrery.model.camera.CameraPath;
import dev.orrery.model.session.Controls;
import dev.orrery.model.vae22.Vae22Config;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.function.IntFunction;

/** The keys that move WorldPlay's camera, and the actions that lead it along a given path. */
public final class CameraControls implements Controls {
  /** What a key does; {@code move} is null for nothing. */
  private record Key(String meaning, CameraMove move) {}

  private static final Map<Character, Key> KEYS = new LinkedHashMap<>();

  static {
    KEYS.put('w', new Key("forward", CameraMove.FORWARD));
    KEYS.put('s', new Key("back", CameraMove.BACKWARD));
    KEYS.put('a', new Key("left", CameraMove.LEFT));
    KEYS.put('d', new Key("right", CameraMove.RIGHT));
    KEYS.put('i', new Key("look up", CameraMove.LOOK_UP));
    KEYS.put('k', new Key("look down", CameraMove.LOOK_DOWN));
    KEYS.put('j', new Key("turn left", CameraMove.TURN_LEFT));
    KEYS.put('l', new Key("turn right", CameraMove.TURN_RIGHT));
    KEYS.put('q', new Key("nothing", null));
  }

  CameraControls() {}

  @Override
  public Map<Character, String> keys() {
    Map<Character, String> meanings = new LinkedHashMap<>();
    KEYS.forEach((key, value) -> meanings.put(key, value.meaning()));
    return meanings;
  }

  /** {@inheritDoc} Opposites cancel each other. */
  @Override
  public CameraAction action(Set<Character> held) {
    Set<CameraMove> moves = EnumSet.noneOf(CameraMove.class);
    for (char name : held) {
      Key key = KEYS.get(name);
      if (key == null) {
        throw new IllegalArgumentException(
            "expected one of the keys " + KEYS.keySet() + ", found " + name);
      }
      if (key.move() != null) {
        moves.add(key.move());
      }
    }
    return new CameraAction.Move(moves);
  }

  /**
   * The actions that take the camera along a path, by video frame. At the end of the path it stands
   * still.
   */
  public IntFunction<CameraAction> along(CameraPath path) {
    return frame -> {
      int latentFrame = Math.ceilDiv(frame, Vae22Config.TEMPORAL_RATIO);
      Camera camera = path.at(Math.min(latentFrame, path.frames() - 1));
      return new CameraAction.At(camera);
    };
  }

  /** Video frames that a path has: one for its first camera, four for each later one. */
  public int frames(CameraPath path) {
    return Vae22Config.TEMPORAL_RATIO * (path.frames() - 1) + 1;
  }
}
