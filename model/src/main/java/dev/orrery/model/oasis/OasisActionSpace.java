package dev.orrery.model.oasis;

import dev.orrery.model.session.Action;
import dev.orrery.model.session.ActionInput;
import dev.orrery.model.session.ActionSpace;
import dev.orrery.runtime.checkpoint.JsonValue;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Keyboard and mouse of Minecraft, in the form of OpenAI's Video PreTraining (VPT): 23 switches,
 * named as VPT names them, and two axes that turn the camera.
 */
final class OasisActionSpace implements ActionSpace {
  static final OasisActionSpace INSTANCE = new OasisActionSpace();

  /** Turns the camera; to the right and down are positive. */
  static final String HORIZONTAL = "look-x";

  static final String VERTICAL = "look-y";

  /** What the model's numbers are, in its order. VPT's X is the pitch and its Y the yaw. */
  static final List<String> ENTRIES =
      List.of(
          "inventory",
          "ESC",
          "hotbar.1",
          "hotbar.2",
          "hotbar.3",
          "hotbar.4",
          "hotbar.5",
          "hotbar.6",
          "hotbar.7",
          "hotbar.8",
          "hotbar.9",
          "forward",
          "back",
          "left",
          "right",
          VERTICAL,
          HORIZONTAL,
          "jump",
          "sneak",
          "sprint",
          "swapHands",
          "attack",
          "use",
          "pickItem",
          "drop");

  private static final List<Axis> AXES =
      List.of(
          new Axis(HORIZONTAL, -1, 1, "turns right, 20 degrees a frame at 1"),
          new Axis(VERTICAL, -1, 1, "looks down, 20 degrees a frame at 1"));

  private static final List<String> SWITCHES =
      ENTRIES.stream().filter(name -> !name.equals(HORIZONTAL) && !name.equals(VERTICAL)).toList();

  private static final List<Set<String>> OPPOSITES =
      List.of(Set.of("forward", "back"), Set.of("left", "right"));

  private static final List<KeyBinding> KEYS = keys();

  private OasisActionSpace() {}

  private static List<KeyBinding> keys() {
    List<KeyBinding> keys = new ArrayList<>();
    keys.add(key("w", "forward"));
    keys.add(key("s", "back"));
    keys.add(key("a", "left"));
    keys.add(key("d", "right"));
    keys.add(key("space", "jump"));
    keys.add(key("shift", "sneak"));
    keys.add(key("e", "inventory"));
    for (int slot = 1; slot <= 9; slot++) {
      keys.add(key("" + slot, "hotbar." + slot));
    }
    keys.add(new KeyBinding("q", "nothing", ActionInput.NONE));
    return List.copyOf(keys);
  }

  private static KeyBinding key(String key, String held) {
    return new KeyBinding(key, held, ActionInput.held(held));
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
  public List<Axis> axes() {
    return AXES;
  }

  @Override
  public Optional<Mouse> mouse() {
    return Optional.of(new Mouse(HORIZONTAL, VERTICAL, false));
  }

  @Override
  public List<KeyBinding> keyBindings() {
    return KEYS;
  }

  @Override
  public OasisAction encode(ActionInput input) {
    float[] values = new float[ENTRIES.size()];
    for (String held : input.held()) {
      values[ENTRIES.indexOf(held)] = 1;
    }
    for (Map.Entry<String, Double> axis : input.axes().entrySet()) {
      values[ENTRIES.indexOf(axis.getKey())] = axis.getValue().floatValue();
    }
    return new OasisAction(values);
  }

  /**
   * Also takes the rows of VPT's action files and VPT's raw recordings, as they were recorded: with
   * whatever was held at once.
   */
  @Override
  public List<Action> recorded(List<JsonValue> rows) {
    if (!rows.isEmpty() && rows.getFirst().has("mouse")) {
      return VptRecording.inputs(rows).stream().<Action>map(this::encode).toList();
    }
    if (!rows.isEmpty() && rows.getFirst().has("camera")) {
      return rows.stream().<Action>map(row -> encode(VptActions.input(row))).toList();
    }
    return ActionSpace.super.recorded(rows);
  }
}
