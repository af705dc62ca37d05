package dev.orrery.model.session;

import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.JsonValue;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

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
  record Axis(String name, double low, double high, String meaning) {
    /** Its values as people write them: {@code -1 to 1}. */
    public String range() {
      return shown(low) + " to " + shown(high);
    }

    private static String shown(double value) {
      return value == Math.rint(value) ? Long.toString(Math.round(value)) : Double.toString(value);
    }
  }

  /**
   * What a key of a keyboard does.
   *
   * @param key one or more lower-case letters or digits: {@code w}, {@code space}, {@code 1}
   * @param meaning what help texts say that it does
   * @param effect its part of the input while it is held
   */
  record KeyBinding(String key, String meaning, ActionInput effect) {
    private static final Pattern KEY = Pattern.compile("[a-z0-9]+");

    public KeyBinding {
      if (!KEY.matcher(key).matches()) {
        throw new IllegalArgumentException(
            "key: expected lower-case letters or digits, found " + key);
      }
    }
  }

  /**
   * The axes that a mouse moves.
   *
   * @param horizontal name of the axis that a movement to the right raises
   * @param vertical name of the axis that a movement up or down changes
   * @param upRaises whether a movement up raises it; else it lowers it
   * @param step what a movement of 1 changes an axis by
   */
  record Mouse(String horizontal, String vertical, boolean upRaises, double step) {
    /** A mouse of axes that go from -1 to 1. */
    public Mouse(String horizontal, String vertical, boolean upRaises) {
      this(horizontal, vertical, upRaises, 1);
    }
  }

  /** Names of the switches, none by default. */
  default List<String> switches() {
    return List.of();
  }

  /**
   * Pairs of switches that undo each other, such as forward and back: held together, they are both
   * off. Keys that move an axis in both directions undo each other as their movements add up.
   */
  default List<Set<String>> opposites() {
    return List.of();
  }

  /**
   * Sets of switches of which one at a time can be on: of those held together, the one that was
   * pressed first stays.
   */
  default List<Set<String>> alternatives() {
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

  /**
   * The input while nobody steers: nothing, or in a space whose choices have no resting one the
   * first of them.
   */
  default ActionInput rest() {
    return restingChoice().isPresent() || choices().isEmpty()
        ? ActionInput.NONE
        : ActionInput.choice(choices().getFirst());
  }

  /** Keys that a player offers, in the order in which help texts show them. */
  List<KeyBinding> keyBindings();

  /** The two axes that a mouse moves, for models that look around with one. */
  default Optional<Mouse> mouse() {
    return Optional.empty();
  }

  /** Whether a model goes on by itself: there is nothing to press, move or choose. */
  default boolean isEmpty() {
    return switches().isEmpty() && axes().isEmpty() && choices().isEmpty();
  }

  /** How a camera is led along a path, for models that have one. */
  default Optional<CameraSteering> camera() {
    return Optional.empty();
  }

  /**
   * The action of an input, from which {@link #opposites} are taken away, and of {@link
   * #alternatives} all but the first.
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
    Set<String> held = new LinkedHashSet<>(input.held());
    opposites().stream().filter(input.held()::containsAll).forEach(held::removeAll);
    for (Set<String> alternatives : alternatives()) {
      input.held().stream().filter(alternatives::contains).skip(1).forEach(held::remove);
    }
    return encode(new ActionInput(held, input.axes(), choice));
  }

  private static void require(boolean known, String expected, String found) {
    if (!known) {
      throw new IllegalArgumentException(
          "action: expected one of the " + expected + ", found " + found);
    }
  }

  /**
   * Implemented by families; the input is checked, has the resting choice if it had none, no {@link
   * #opposites}, and of {@link #alternatives} one.
   */
  Action encode(ActionInput input);

  /**
   * The actions of a recording, see {@link ActionRecording}. By default a row is an object of what
   * is held, by the names that {@link ActionScript} knows, and of axes that are not at rest; either
   * may be missing:
   *
   * <pre>{@code {"keys": ["w", "space"], "axes": {"look-x": 0.2}}}</pre>
   *
   * Families whose recordings have a form of their own accept that, too.
   *
   * @param rows one for each video frame; each says in messages where it comes from
   * @return as many actions
   * @throws CheckpointException if a row is none of this space; it names the row
   */
  default List<Action> recorded(List<JsonValue> rows) {
    Controls controls = controls();
    return rows.stream().map(row -> RecordedRow.action(row, controls)).toList();
  }

  /** This space as the keys of a keyboard. */
  default Controls controls() {
    return new Controls(this);
  }
}
