package dev.orrery.model.matrixgame2;

import dev.orrery.model.session.Controls;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * The three released forms of Matrix-Game 2.0, which differ in their keys and their sampler.
 *
 * <p>Source: the action encodings of Matrix-Game 2.0's {@code inference_streaming.py}; a mouse step
 * is 0.1 a frame.
 */
public enum Variant implements Controls {
  UNIVERSAL(4, 2, List.of(1000, 666, 333)),
  GTA_DRIVE(2, 2, List.of(1000, 666, 333)),
  TEMPLERUN(7, 0, List.of(1000, 750, 500, 250));

  private static final float MOUSE_STEP = 0.1f;

  private final int keyboardDim;
  private final int mouseDim;
  private final List<Integer> denoisingSteps;
  private final Map<Character, Key> keys = new LinkedHashMap<>();

  /**
   * What a key does: a position of the keyboard vector (-1 for none) and a movement of the mouse.
   */
  private record Key(String meaning, int index, float pitch, float yaw) {}

  Variant(int keyboardDim, int mouseDim, List<Integer> denoisingSteps) {
    this.keyboardDim = keyboardDim;
    this.mouseDim = mouseDim;
    this.denoisingSteps = denoisingSteps;
    switch (keyboardDim) {
      case 4 -> {
        key('w', "forward", 0);
        key('s', "back", 1);
        key('a', "left", 2);
        key('d', "right", 3);
        mouse('i', "look up", MOUSE_STEP, 0);
        mouse('k', "look down", -MOUSE_STEP, 0);
        mouse('j', "look left", 0, -MOUSE_STEP);
        mouse('l', "look right", 0, MOUSE_STEP);
        key('q', "nothing", -1);
      }
      case 2 -> {
        key('w', "accelerate", 0);
        key('s', "brake, reverse", 1);
        mouse('a', "steer left", 0, -MOUSE_STEP);
        mouse('d', "steer right", 0, MOUSE_STEP);
        key('q', "nothing", -1);
      }
      default -> {
        // Running on is a class of its own, not the absence of one.
        key('q', "run on", 0);
        key('w', "jump", 1);
        key('s', "slide", 2);
        key('z', "turn left", 3);
        key('c', "turn right", 4);
        key('a', "to the left side", 5);
        key('d', "to the right side", 6);
      }
    }
  }

  private void key(char key, String meaning, int index) {
    keys.put(key, new Key(meaning, index, 0, 0));
  }

  private void mouse(char key, String meaning, float pitch, float yaw) {
    keys.put(key, new Key(meaning, -1, pitch, yaw));
  }

  /** The variant whose action modules have these sizes, as released configurations tell it. */
  static Variant of(ActionConfig action) {
    for (Variant variant : values()) {
      if (variant.keyboardDim == action.keyboardDim() && variant.mouseDim == action.mouseDim()) {
        return variant;
      }
    }
    throw new IllegalArgumentException(
        "action_config: expected 4 keys and a mouse, 2 keys and a mouse, or 7 keys, found "
            + action.keyboardDim()
            + " keys and "
            + action.mouseDim()
            + " mouse axes");
  }

  /** Name in configurations: {@code universal}, {@code gta_drive}, {@code templerun}. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Positions in the noise table that the distilled sampler visits. */
  List<Integer> denoisingSteps() {
    return denoisingSteps;
  }

  @Override
  public Map<Character, String> keys() {
    Map<Character, String> meanings = new LinkedHashMap<>();
    keys.forEach((key, value) -> meanings.put(key, value.meaning()));
    return meanings;
  }

  @Override
  public KeyboardMouse action(Set<Character> held) {
    if (this == TEMPLERUN && held.size() > 1) {
      throw new IllegalArgumentException("expected one key at a time, found " + held);
    }
    float[] keyboard = new float[keyboardDim];
    float[] mouse = new float[mouseDim];
    for (char name : held.isEmpty() ? Set.of('q') : held) {
      Key key = keys.get(name);
      if (key == null) {
        throw new IllegalArgumentException(
            "expected one of the keys " + keys.keySet() + ", found " + name);
      }
      if (key.index() >= 0) {
        keyboard[key.index()] = 1;
      }
      if (mouseDim > 0) {
        mouse[0] += key.pitch();
        mouse[1] += key.yaw();
      }
    }
    return new KeyboardMouse(keyboard, mouse);
  }
}
