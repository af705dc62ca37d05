package dev.orrery.model.session;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A point of an {@link ActionSpace}, by the names that it gives: what the input devices say during
 * one video frame.
 *
 * @param held switches that are on, in the order in which they were pressed; the others are off
 * @param axes values of axes; those that are not named are at rest
 * @param choice the choice that is taken, in a space that has choices
 */
public record ActionInput(Set<String> held, Map<String, Double> axes, Optional<String> choice) {
  /** Nothing is held or moved. */
  public static final ActionInput NONE = new ActionInput(Set.of(), Map.of(), Optional.empty());

  public ActionInput {
    held = Collections.unmodifiableSet(new LinkedHashSet<>(List.copyOf(held)));
    axes = Map.copyOf(axes);
  }

  /** Some switches are held. */
  public static ActionInput held(String... switches) {
    return new ActionInput(new LinkedHashSet<>(List.of(switches)), Map.of(), Optional.empty());
  }

  /** One axis is moved. */
  public static ActionInput axis(String name, double value) {
    return new ActionInput(Set.of(), Map.of(name, value), Optional.empty());
  }

  /** One of the choices is taken. */
  public static ActionInput choice(String name) {
    return new ActionInput(Set.of(), Map.of(), Optional.of(name));
  }

  /**
   * Both at once: all switches of either, those of the other after these, axes added.
   *
   * @throws IllegalArgumentException if the two take different choices
   */
  public ActionInput and(ActionInput other) {
    if (choice.isPresent() && other.choice.isPresent() && !choice.equals(other.choice)) {
      throw new IllegalArgumentException(
          "expected one choice at a time, found " + choice.get() + " and " + other.choice.get());
    }
    Set<String> allHeld = new LinkedHashSet<>(held);
    allHeld.addAll(other.held);
    Map<String, Double> sums = new LinkedHashMap<>(axes);
    other.axes.forEach((axis, value) -> sums.merge(axis, value, Double::sum));
    return new ActionInput(allHeld, sums, choice.or(other::choice));
  }
}
