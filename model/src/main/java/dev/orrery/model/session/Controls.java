package dev.orrery.model.session;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The keys that a model answers to, and the words by which texts name what it does: a view of its
 * {@link ActionSpace}.
 */
public final class Controls {
  private final ActionSpace space;
  private final Map<String, ActionSpace.KeyBinding> bindings = new LinkedHashMap<>();

  Controls(ActionSpace space) {
    this.space = space;
    space.keyBindings().forEach(binding -> bindings.put(binding.key(), binding));
  }

  /**
   * Every key and what it does, in the order in which help texts show them. Keys are lower-case
   * letters or digits, one or more.
   */
  public Map<String, String> keys() {
    Map<String, String> meanings = new LinkedHashMap<>();
    bindings.forEach((key, binding) -> meanings.put(key, binding.meaning()));
    return meanings;
  }

  /** Whether a mouse looks around, see {@link #action(Set, double, double)}. */
  public boolean hasMouse() {
    return space.mouse().isPresent();
  }

  /** Whether a camera can be led along a path, see {@link ActionSpace#camera}. */
  public boolean hasCamera() {
    return space.camera().isPresent();
  }

  /**
   * The action of holding some keys at once; no key at all is what happens while nobody steers, see
   * {@link ActionSpace#rest}. Opposites such as forward and back undo each other.
   *
   * @throws IllegalArgumentException if a key is not one of {@link #keys()} or the keys cannot be
   *     held together
   */
  public Action action(Set<String> held) {
    return space.action(input(held));
  }

  /**
   * The input that {@link #action} makes an action of.
   *
   * @throws IllegalArgumentException likewise
   */
  public ActionInput input(Set<String> held) {
    Objects.requireNonNull(held, "held");
    ActionInput input = held.isEmpty() ? space.rest() : ActionInput.NONE;
    for (String key : held) {
      ActionSpace.KeyBinding binding = bindings.get(key);
      if (binding == null) {
        throw new IllegalArgumentException(
            "expected one of the keys " + bindings.keySet() + ", found " + key);
      }
      try {
        input = input.and(binding.effect());
      } catch (IllegalArgumentException e) {
        throw new IllegalArgumentException("expected one key at a time, found " + held, e);
      }
    }
    return input;
  }

  /**
   * The action of holding some keys while a mouse is moved, of a model that has one.
   *
   * <p>Movements are those of one video frame, in steps of the model's {@link ActionSpace#mouse}:
   * the {@linkplain ActionSpace.Axis#meaning meaning} of its axes says what their unit is, and what
   * a key moves. Keys that move the same axes add to them. Whatever is faster than the model can
   * turn is as fast as it can.
   *
   * @param right movement to the right, negative to the left
   * @param up movement up, negative down
   * @throws IllegalArgumentException as for {@link #action(Set)}; if there is no mouse, or a
   *     movement is not finite
   */
  public Action action(Set<String> held, double right, double up) {
    return space.action(input(held, right, up));
  }

  /**
   * The input that {@link #action(Set, double, double)} makes an action of.
   *
   * @throws IllegalArgumentException likewise
   */
  public ActionInput input(Set<String> held, double right, double up) {
    ActionSpace.Mouse mouse =
        space.mouse().orElseThrow(() -> new IllegalArgumentException("the model takes no mouse"));
    ActionInput input = input(held);
    Map<String, Double> axes = new LinkedHashMap<>(input.axes());
    move(axes, mouse.horizontal(), mouse.step() * right);
    move(axes, mouse.vertical(), mouse.step() * (mouse.upRaises() ? up : -up));
    return new ActionInput(input.held(), axes, input.choice());
  }

  private void move(Map<String, Double> axes, String name, double by) {
    if (!Double.isFinite(by)) {
      throw new IllegalArgumentException(name + ": expected a finite movement, found " + by);
    }
    ActionSpace.Axis axis = axis(name).orElseThrow();
    double value = Math.clamp(axes.getOrDefault(name, 0.0) + by, axis.low(), axis.high());
    if (value != 0 || axes.containsKey(name)) {
      axes.put(name, value);
    }
  }

  /** What this is a view of. */
  ActionSpace space() {
    return space;
  }

  /**
   * What a word stands for, in any case: a choice, else a key, else a switch; empty if it is none
   * of them.
   */
  Optional<ActionInput> effect(String word) {
    Optional<ActionInput> choice = named(space.choices(), word).map(ActionInput::choice);
    ActionSpace.KeyBinding binding = bindings.get(word.toLowerCase(Locale.ROOT));
    return choice
        .or(() -> Optional.ofNullable(binding).map(ActionSpace.KeyBinding::effect))
        .or(() -> named(space.switches(), word).map(ActionInput::held));
  }

  /** The axis of a name, in any case. */
  Optional<ActionSpace.Axis> axis(String word) {
    return space.axes().stream().filter(axis -> axis.name().equalsIgnoreCase(word)).findFirst();
  }

  private static Optional<String> named(List<String> names, String word) {
    return names.stream().filter(name -> name.equalsIgnoreCase(word)).findFirst();
  }

  /** Whether a word is keys of one letter, written without the + between them. */
  boolean areKeys(String word) {
    return word.toLowerCase(Locale.ROOT)
        .chars()
        .mapToObj(Character::toString)
        .allMatch(bindings::containsKey);
  }

  /** A word that {@link #effect} knows, or an axis at its highest. */
  String example() {
    return Stream.of(bindings.keySet(), space.choices(), space.switches())
        .flatMap(names -> names.stream().limit(1))
        .findFirst()
        .orElseGet(() -> space.axes().getFirst().name() + "=" + space.axes().getFirst().high());
  }

  /** Choices and switches that neither the keys nor their meanings say already. */
  public List<String> otherNames() {
    return Stream.concat(space.choices().stream(), space.switches().stream())
        .filter(name -> !bindings.containsKey(name.toLowerCase(Locale.ROOT)))
        .filter(name -> !keys().containsValue(name))
        .toList();
  }

  /** All words, for messages: {@code keys are w forward, s back; also sneak}. */
  String known() {
    List<String> parts = new ArrayList<>();
    if (!bindings.isEmpty()) {
      parts.add(
          bindings.values().stream()
              .map(binding -> binding.key() + " " + binding.meaning())
              .collect(Collectors.joining(", ", "keys are ", "")));
    }
    if (!otherNames().isEmpty()) {
      parts.add((bindings.isEmpty() ? "names are " : "also ") + String.join(", ", otherNames()));
    }
    if (!space.axes().isEmpty()) {
      parts.add(knownAxes());
    }
    return String.join("; ", parts);
  }

  /** All axes, for messages: {@code axes are yaw -1 to 1}. */
  String knownAxes() {
    return space.axes().isEmpty()
        ? "the model has no axes"
        : space.axes().stream()
            .map(axis -> axis.name() + " " + axis.range())
            .collect(Collectors.joining(", ", "axes are ", ""));
  }
}
