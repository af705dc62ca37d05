package dev.orrery.model.camera;

import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;

/** What a pose string can tell a camera to do from one latent frame to the next. */
public enum CameraMove {
  FORWARD("w"),
  BACKWARD("s"),
  RIGHT("d"),
  LEFT("a"),
  TURN_RIGHT("right"),
  TURN_LEFT("left"),
  LOOK_UP("up"),
  LOOK_DOWN("down");

  private final String word;

  CameraMove(String word) {
    this.word = word;
  }

  /** How pose strings call it. */
  public String word() {
    return word;
  }

  static Optional<CameraMove> find(String word) {
    return Arrays.stream(values()).filter(move -> move.word.equals(word)).findFirst();
  }

  static String words() {
    return Arrays.stream(values()).map(CameraMove::word).collect(Collectors.joining(", "));
  }
}
