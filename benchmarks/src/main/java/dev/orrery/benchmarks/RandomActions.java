package dev.orrery.benchmarks;

import dev.orrery.model.session.Action;
import dev.orrery.model.session.ActionInput;
import dev.orrery.model.session.ActionSpace;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/** Actions from anywhere in a space: switches, axes and choices, drawn for every frame. */
final class RandomActions {
  private final ActionSpace space;
  private final Random random;

  RandomActions(ActionSpace space, long seed) {
    this.space = space;
    this.random = new Random(seed);
  }

  /** The next ones, for so many frames. */
  List<Action> next(int frames) {
    List<Action> actions = new ArrayList<>();
    for (int frame = 0; frame < frames; frame++) {
      actions.add(space.action(input()));
    }
    return actions;
  }

  /** The next one, as it is drawn. */
  ActionInput input() {
    Set<String> held = new LinkedHashSet<>();
    for (String name : space.switches()) {
      if (random.nextInt(4) == 0) {
        held.add(name);
      }
    }
    Map<String, Double> axes = new HashMap<>();
    for (ActionSpace.Axis axis : space.axes()) {
      if (random.nextBoolean()) {
        axes.put(axis.name(), random.nextDouble(axis.low(), axis.high()));
      }
    }
    List<String> choices = space.choices();
    return new ActionInput(
        held,
        axes,
        choices.isEmpty()
            ? Optional.empty()
            : Optional.of(choices.get(random.nextInt(choices.size()))));
  }
}
