package dev.orrery.model.vid2world;

import dev.orrery.model.session.Action;
import dev.orrery.model.session.ActionInput;
import dev.orrery.model.session.ActionSpace;
import dev.orrery.runtime.checkpoint.JsonValue;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * What a robot is told for a video frame: numbers, as many as its model was trained with. The model
 * takes them as they are in the data set.
 *
 * @param axes one for each number
 */
record RobotActionSpace(List<Axis> axes) implements ActionSpace {
  /** Of the RECON data set: where the robot is a frame later, and how much it turned. */
  private static final List<String> RECON = List.of("dx", "dy", "dyaw");

  /** Far beyond the numbers of data sets, which are metres, radians and parts of a whole. */
  private static final double RANGE = 100;

  private static final Pattern NAME = Pattern.compile("[a-zA-Z][a-zA-Z0-9._-]*");

  RobotActionSpace {
    axes = List.copyOf(axes);
  }

  /**
   * Reads the optional {@code "action_axes"}, a list of {@code {"name", "low", "high", "meaning"}}.
   * Without it, three numbers are RECON's {@code dx}, {@code dy} and {@code dyaw}, and others are
   * named {@code a1}, {@code a2} and so on; they go from -100 to 100.
   *
   * @param dim numbers of an action
   * @throws dev.orrery.runtime.checkpoint.CheckpointException if they are others than so many, have
   *     no names of their own, or do not have 0 in their range
   */
  static RobotActionSpace read(JsonValue config, int dim) {
    String key = "action_axes";
    List<Axis> axes = new ArrayList<>();
    if (!config.has(key)) {
      for (int i = 0; i < dim; i++) {
        String name = dim == RECON.size() ? RECON.get(i) : "a" + (i + 1);
        axes.add(axis(name, -RANGE, RANGE, i));
      }
      return new RobotActionSpace(axes);
    }
    Set<String> names = new HashSet<>();
    for (JsonValue entry : config.get(key).asList()) {
      Axis named =
          axis(
              entry.string("name"),
              entry.number("low", -RANGE),
              entry.number("high", RANGE),
              axes.size());
      boolean fits =
          NAME.matcher(named.name()).matches()
              && names.add(named.name().toLowerCase(Locale.ROOT))
              && named.low() <= 0
              && named.high() >= 0;
      if (!fits) {
        throw entry.unexpected(
            "a name of its own of letters, digits, dots, hyphens and underscores, and a range"
                + " around 0");
      }
      axes.add(
          new Axis(
              named.name(), named.low(), named.high(), entry.string("meaning", named.meaning())));
    }
    if (axes.size() != dim) {
      throw config.get(key).unexpected("an axis for each of " + dim + " numbers of an action");
    }
    return new RobotActionSpace(axes);
  }

  private static Axis axis(String name, double low, double high, int index) {
    return new Axis(name, low, high, "number " + (index + 1) + " of the data set's action");
  }

  @Override
  public List<KeyBinding> keyBindings() {
    return List.of();
  }

  @Override
  public Vid2WorldAction encode(ActionInput input) {
    float[] values = new float[axes.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = input.axes().getOrDefault(axes.get(i).name(), 0.0).floatValue();
    }
    return new Vid2WorldAction(values);
  }

  /** Also takes lists of numbers as rows, one for each axis, but not after one another. */
  @Override
  public List<Action> recorded(List<JsonValue> rows) {
    if (rows.isEmpty() || !rows.getFirst().isList()) {
      return ActionSpace.super.recorded(rows);
    }
    return rows.stream().<Action>map(this::action).toList();
  }

  private Vid2WorldAction action(JsonValue row) {
    List<JsonValue> numbers = row.asList();
    if (numbers.size() != axes.size()) {
      throw row.unexpected(axes.size() + " numbers");
    }
    float[] values = new float[axes.size()];
    for (int i = 0; i < values.length; i++) {
      double value = numbers.get(i).asDouble();
      Axis axis = axes.get(i);
      if (!(value >= axis.low() && value <= axis.high())) {
        throw numbers.get(i).unexpected(axis.name() + " from " + axis.range());
      }
      values[i] = (float) value;
    }
    return new Vid2WorldAction(values);
  }
}
