package dev.orrery.cli.example;

import dev.orrery.model.session.Action;
import dev.orrery.model.session.ActionInput;
import dev.orrery.model.session.ActionSpace;
import java.util.List;

/** Two switches: {@code warmer} shifts frames towards red, {@code colder} towards blue. */
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
  public List<KeyBinding> keyBindings() {
    return List.of(
        new KeyBinding("w", "warmer", ActionInput.held("warmer")),
        new KeyBinding("c", "colder", ActionInput.held("colder")),
        new KeyBinding("q", "nothing", ActionInput.NONE));
  }

  @Override
  public Action encode(ActionInput input) {
    return new Shift(
        (input.held().contains("warmer") ? 8 : 0) - (input.held().contains("colder") ? 8 : 0));
  }
}
