package dev.orrery.model.vid2world;

import dev.orrery.model.session.ActionInput;
import dev.orrery.model.session.ActionSpace;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Keyboard and mouse of Counter-Strike: eleven keys, two buttons, and how far the mouse went, which
 * snaps to one of 23 distances to the right and one of 15 down.
 *
 * <p>Source: the action format of DIAMOND, {@code csgo/action_processing.py}, and its rules for
 * keys that contradict each other.
 */
final class CsgoActionSpace implements ActionSpace {
  static final CsgoActionSpace INSTANCE = new CsgoActionSpace();

  /** The axes of the mouse, in counts; to the right and down are positive. */
  static final String MOUSE_X = "mouse-x";

  static final String MOUSE_Y = "mouse-y";

  /** Keys and buttons, in the model's order. */
  static final List<String> SWITCHES =
      List.of(
          "w",
          "a",
          "s",
          "d",
          "space",
          "ctrl",
          "shift",
          "1",
          "2",
          "3",
          "r",
          "left-click",
          "right-click");

  private static final double[] COUNTS_X = {
    -1000, -500, -300, -200, -100, -60, -30, -20, -10, -4, -2, 0, 2, 4, 10, 20, 30, 60, 100, 200,
    300, 500, 1000
  };

  private static final double[] COUNTS_Y = {
    -200, -100, -50, -20, -10, -4, -2, 0, 2, 4, 10, 20, 50, 100, 200
  };

  /** Numbers of an action. */
  static final int DIM = SWITCHES.size() + COUNTS_X.length + COUNTS_Y.length;

  /** Counts that a key turns by in a frame. */
  private static final double KEY_X = 60;

  private static final double KEY_Y = 50;

  /** Counts of a movement of 1, which players make of 200 pixels. */
  private static final double COUNTS_PER_MOVEMENT = 200;

  private static final List<Axis> AXES =
      List.of(
          axis(MOUSE_X, COUNTS_X, "counts of the mouse to the right, keys move by 60 a frame"),
          axis(MOUSE_Y, COUNTS_Y, "counts of the mouse down, keys move by 50 a frame"));

  private static final List<Set<String>> ALTERNATIVES =
      List.of(Set.of("w", "s"), Set.of("a", "d"), Set.of("1", "2", "3"));

  private static final List<KeyBinding> KEYS = keys();

  private CsgoActionSpace() {}

  private static Axis axis(String name, double[] counts, String meaning) {
    return new Axis(name, counts[0], counts[counts.length - 1], meaning);
  }

  private static List<KeyBinding> keys() {
    List<KeyBinding> keys = new ArrayList<>();
    keys.add(held("w", "forward", "w"));
    keys.add(held("s", "back", "s"));
    keys.add(held("a", "left", "a"));
    keys.add(held("d", "right", "d"));
    keys.add(held("space", "jump", "space"));
    keys.add(held("c", "crouch", "ctrl"));
    keys.add(held("shift", "walk", "shift"));
    keys.add(held("1", "first weapon", "1"));
    keys.add(held("2", "second weapon", "2"));
    keys.add(held("3", "third weapon", "3"));
    keys.add(held("r", "reload", "r"));
    keys.add(held("f", "left button", "left-click"));
    keys.add(held("g", "right button", "right-click"));
    keys.add(new KeyBinding("i", "look up", ActionInput.axis(MOUSE_Y, -KEY_Y)));
    keys.add(new KeyBinding("k", "look down", ActionInput.axis(MOUSE_Y, KEY_Y)));
    keys.add(new KeyBinding("j", "look left", ActionInput.axis(MOUSE_X, -KEY_X)));
    keys.add(new KeyBinding("l", "look right", ActionInput.axis(MOUSE_X, KEY_X)));
    keys.add(new KeyBinding("q", "nothing", ActionInput.NONE));
    return List.copyOf(keys);
  }

  private static KeyBinding held(String key, String meaning, String name) {
    return new KeyBinding(key, meaning, ActionInput.held(name));
  }

  @Override
  public List<String> switches() {
    return SWITCHES;
  }

  @Override
  public List<Set<String>> alternatives() {
    return ALTERNATIVES;
  }

  @Override
  public List<Axis> axes() {
    return AXES;
  }

  @Override
  public Optional<Mouse> mouse() {
    return Optional.of(new Mouse(MOUSE_X, MOUSE_Y, false, COUNTS_PER_MOVEMENT));
  }

  @Override
  public List<KeyBinding> keyBindings() {
    return KEYS;
  }

  @Override
  public Vid2WorldAction encode(ActionInput input) {
    double x = input.axes().getOrDefault(MOUSE_X, 0.0);
    double y = input.axes().getOrDefault(MOUSE_Y, 0.0);
    return new Vid2WorldAction(values(input.held(), x, y));
  }

  /**
   * The numbers of an action.
   *
   * @param held keys and buttons, whatever is held at once
   * @param x counts of the mouse to the right, of any size
   * @param y counts down
   */
  static float[] values(Set<String> held, double x, double y) {
    float[] values = new float[DIM];
    held.forEach(name -> values[SWITCHES.indexOf(name)] = 1);
    values[SWITCHES.size() + nearest(COUNTS_X, x)] = 1;
    values[SWITCHES.size() + COUNTS_X.length + nearest(COUNTS_Y, y)] = 1;
    return values;
  }

  /** The nearest of some ascending numbers, the smaller of two as near; an end beyond the ends. */
  private static int nearest(double[] ascending, double value) {
    int nearest = 0;
    for (int i = 1; i < ascending.length; i++) {
      if (Math.abs(ascending[i] - value) < Math.abs(ascending[nearest] - value)) {
        nearest = i;
      }
    }
    return nearest;
  }
}
