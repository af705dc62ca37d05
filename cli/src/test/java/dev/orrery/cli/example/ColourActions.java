package dev.orrery.cli.example;

import dev.orrery.model.session.Action;
import dev.orrery.model.session.ActionInput;
import dev.orrery.model.session.ActionSpace;
import java.util.List;

/**
 * Two switches: {@code warmer} shifts frames towards red, {@code colder} towards blue; and an axis
 * from the one to the other.
 */
final class ColourActions implements ActionSpace {
  /**
   * The shift during one video frame.
   *
   * @param step levels towards red
   */
  record Shift(int step) implements Action {}

  @Override
  public List<String> switches() {
    return List.of("warmer", "colder");
  }

  @Override
  public List<Axis> axes() {
    return List.of(new Axis("warmth", -1, 1, "towards red, 1 as much as the key"));
  }

  @Override
  public List<KeyBinding> keyBindings() {
    return List.of(
        new KeyBinding("w", "warmer", ActionInput.held("warmer")),
        new KeyBinding("c", "colder", ActionInput.held("colder")),
        new KeyBinding("space", "half as warm", ActionInput.axis("warmth", 0.5)),
        new KeyBinding("q", "nothing", ActionInput.NONE));
  }

  @Override
  public Action encode(ActionInput input) {
    int held =
        (input.held().contains("warmer") ? 8 : 0) - (input.held().contains("colder") ? 8 : 0);
    return new Shift(held + (int) Math.rint(8 * input.axes().getOrDefault("warmth", 0.0)));
  }
}
