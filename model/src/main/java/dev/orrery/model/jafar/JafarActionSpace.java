package dev.orrery.model.jafar;

import dev.orrery.model.session.Action;
import dev.orrery.model.session.ActionInput;
import dev.orrery.model.session.ActionSpace;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Latent actions: a model found them by itself in videos, and nobody knows what they mean before
 * having tried. There is no action that stands for doing nothing.
 *
 * @param choices their names, the numbers from 0 on
 */
record JafarActionSpace(List<String> choices) implements ActionSpace {
  /**
   * The action that leads to a frame.
   *
   * @param id its number
   */
  record LatentAction(int id) implements Action {}

  /** A space of so many actions. */
  static JafarActionSpace of(int count) {
    return new JafarActionSpace(IntStream.range(0, count).mapToObj(Integer::toString).toList());
  }

  @Override
  public List<KeyBinding> keyBindings() {
    return choices.stream()
        .map(name -> new KeyBinding(name, "latent action", ActionInput.choice(name)))
        .toList();
  }

  @Override
  public LatentAction encode(ActionInput input) {
    return new LatentAction(choices.indexOf(input.choice().orElseThrow()));
  }
}
