package dev.orrery.model.session;

import java.util.List;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * An action space with a bit of everything: switches with and without keys, keys of several
 * letters, axes that keys and a mouse move, and choices, of which one is named like a key.
 */
final class WalkingActions implements ActionSpace {
  /** What a family would make of the input: it as a text. */
  record Did(String what) implements Action {}

  @Override
  public List<String> switches() {
    return List.of("forward", "jump", "hotbar.3", "ESC");
  }

  @Override
  public List<Axis> axes() {
    return List.of(new Axis("look-x", -1, 1, "right"), new Axis("look-y", -0.5, 1, "up"));
  }

  @Override
  public List<String> choices() {
    return List.of("walk", "run", "3");
  }

  @Override
  public Optional<String> restingChoice() {
    return Optional.of("walk");
  }

  @Override
  public Optional<Mouse> mouse() {
    return Optional.of(new Mouse("look-x", "look-y", true));
  }

  @Override
  public List<KeyBinding> keyBindings() {
    return List.of(
        new KeyBinding("w", "forward", ActionInput.held("forward")),
        new KeyBinding("space", "jump", ActionInput.held("jump")),
        new KeyBinding("3", "third item", ActionInput.held("hotbar.3")),
        new KeyBinding("l", "look right", ActionInput.axis("look-x", 0.5)));
  }

  @Override
  public Action encode(ActionInput input) {
    return new Did(
        new TreeSet<>(input.held())
            + (input.axes().isEmpty() ? "" : " " + new TreeMap<>(input.axes()))
            + " "
            + input.choice().orElseThrow());
  }
}
