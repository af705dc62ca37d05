package dev.orrery.model.session;

import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.JsonText;
import dev.orrery.runtime.checkpoint.JsonValue;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * A row of a recording in the form that all models understand, see {@link ActionSpace#recorded}.
 */
final class RecordedRow {
  private static final String KEYS = "keys";
  private static final String AXES = "axes";

  private RecordedRow() {}

  static Action action(JsonValue row, Controls controls) {
    for (String member : row.keys()) {
      if (!member.equals(KEYS) && !member.equals(AXES)) {
        throw row.get(member).unexpected("only keys and axes");
      }
    }
    if (!row.has(KEYS) && !row.has(AXES)) {
      throw row.unexpected("an object with keys, axes or both");
    }
    ActionInput input = ActionInput.NONE;
    if (row.has(KEYS)) {
      for (JsonValue key : row.get(KEYS).asList()) {
        try {
          input = input.and(held(key, controls));
        } catch (IllegalArgumentException e) {
          throw refused(key, e.getMessage());
        }
      }
    }
    if (row.has(AXES)) {
      JsonValue axes = row.get(AXES);
      Set<String> named = new HashSet<>();
      for (String name : axes.keys()) {
        ActionInput moved = moved(axes.get(name), name, controls);
        if (!named.addAll(moved.axes().keySet())) {
          throw refused(axes.get(name), "expected an axis once, found it twice");
        }
        input = input.and(moved);
      }
    }
    try {
      return controls.space().action(input);
    } catch (IllegalArgumentException e) {
      throw refused(row, e.getMessage());
    }
  }

  /** See {@link ActionRecording#row}. */
  static String text(ActionInput input, ActionSpace space) {
    space.action(input);
    Controls controls = space.controls();
    List<String> keys = new ArrayList<>();
    input.choice().ifPresent(name -> keys.add(word(ActionInput.choice(name), name, controls)));
    // As pressed: where only one of several can be on, it is the first.
    for (String name : input.held()) {
      keys.add(word(ActionInput.held(name), name, controls));
    }
    return JsonText.line(
        row -> {
          row.writeArrayFieldStart(KEYS);
          for (String key : keys) {
            row.writeString(key);
          }
          row.writeEndArray();
          if (!input.axes().isEmpty()) {
            row.writeObjectFieldStart(AXES);
            for (ActionSpace.Axis axis : space.axes()) {
              if (input.axes().containsKey(axis.name())) {
                row.writeNumberField(axis.name(), input.axes().get(axis.name()));
              }
            }
            row.writeEndObject();
          }
        });
  }

  /** The word that has this effect: its own name, or where another one takes that, a key. */
  private static String word(ActionInput effect, String name, Controls controls) {
    return Stream.concat(Stream.of(name), controls.keys().keySet().stream())
        .filter(word -> controls.effect(word).equals(Optional.of(effect)))
        .findFirst()
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    "a recording cannot name " + name + ": the word means something else"));
  }

  private static ActionInput held(JsonValue key, Controls controls) {
    return controls
        .effect(key.asString())
        .orElseThrow(() -> key.unexpected("what the model knows (" + controls.known() + ")"));
  }

  private static ActionInput moved(JsonValue value, String name, Controls controls) {
    ActionSpace.Axis axis =
        controls
            .axis(name)
            .orElseThrow(() -> refused(value, "unknown axis; " + controls.knownAxes()));
    double moved = value.asDouble();
    if (!(moved >= axis.low() && moved <= axis.high())) {
      throw value.unexpected(axis.range());
    }
    return ActionInput.axis(axis.name(), moved);
  }

  private static CheckpointException refused(JsonValue value, String reason) {
    String path = value.path();
    return new CheckpointException(value.source(), path.isEmpty() ? reason : path + ": " + reason);
  }
}
