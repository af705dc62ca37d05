package dev.orrery.model.session;

import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * All actions that a model takes for a video frame. A space is any combination of
 *
 * <ul>
 *   <li>switches that are each on or off (multi-binary),
 *   <li>axes that each have a value in a range (a box), and
 *   <li>choices of which exactly one is taken (discrete).
 * </ul>
 *
 * <p>The keys of a keyboard are one view of it, see {@link #controls}. A model that goes on by
 * itself has an empty space.
 */
public interface ActionSpace {
  /**
   * An axis.
   *
   * @param name its name, such as {@code yaw}
   * @param low least value
   * @param high greatest value; values rest at 0
   * @param meaning direction and unit, for people
   */
  record Axis(String name, double low, double high, String meaning) {}

  /**
   * What a key of a keyboard does.
   *
   * @param key a lower-case letter
   * @param meaning what help texts say that it does
   * @param effect its part of the input while it is held
   */
  record KeyBinding(char key, String meaning, ActionInput effect) {}

  /** Names of the switches, none by default. */
  default List<String> switches() {
    return List.of();
  }

  /** The axes, none by default. */
  default List<Axis> axes() {
    return List.of();
  }

  /** Names of the choices, none by default. */
  default List<String> choices() {
    return List.of();
  }

  /** The choice that is taken when none is named; empty if one has to be named. */
  default Optional<String> restingChoice() {
    return Optional.empty();
  }

  /** Keys that a player offers, in the order in which help texts show them. */
  List<KeyBinding> keyBindings();

  /** How a camera is led along a path, for models that have one. */
  default Optional<CameraSteering> camera() {
    return Optional.empty();
  }

  /**
   * The action of an input.
   *
   * @throws IllegalArgumentException if the input names something that is not in this space, a
   *     value is out of range or not finite, or a choice is missing
   */
  default Action action(ActionInput input) {
    for (String name : input.held()) {
      require(switches().contains(name), "switches " + switches(), name);
    }
    for (Map.Entry<String, Double> entry : input.axes().entrySet()) {
      List<String> names = axes().stream().map(Axis::name).toList();
      require(names.contains(entry.getKey()), "axes " + names, entry.getKey());
      Axis axis = axes().get(names.indexOf(entry.getKey()));
      double value = entry.getValue();
      if (!(value >= axis.low() && value <= axis.high())) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "action: %s: expected %s to %s, found %s",
                axis.name(),
                axis.low(),
                axis.high(),
                value));
      }
    }
    Optional<String> choice = input.choice().or(this::restingChoice);
    if (choice.isPresent() || !choices().isEmpty()) {
      String found = choice.orElse("none");
      require(choices().contains(found), "choices " + choices(), found);
    }
    return encode(new ActionInput(input.held(), input.axes(), choice));
  }

  private static void require(boolean known, String expected, String found) {
    if (!known) {
      throw new IllegalArgumentException(
          "action: expected one of the " + expected + ", found " + found);
    }
  }

  /** Implemented by families; the input is checked, and has the resting choice if it had none. */
  Action encode(ActionInput input);

  /** This space as the keys of a keyboard. */
  default Controls controls() {
    return new Controls(this);
  }
}
