package dev.orrery.model.session;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.Set;

/** Inputs of an action space that are written as a recording and read again. */
public final class RecordedInputs {
  private RecordedInputs() {}

  /**
   * Writes all that can be done in a space, one by one and together, and requires that the same
   * actions are read.
   *
   * @param space whose actions are records
   */
  public static void assertRoundTrip(ActionSpace space, Path folder) throws IOException {
    List<ActionInput> inputs = inputs(space);
    StringBuilder rows = new StringBuilder();
    inputs.forEach(input -> rows.append(ActionRecording.row(input, space)).append('\n'));
    Path file = Files.writeString(folder.resolve("actions.jsonl"), rows);
    ActionRecording recording = ActionRecording.read(file, space);
    assertEquals(inputs.size(), recording.frames());
    for (int i = 0; i < inputs.size(); i++) {
      Action expected = space.action(inputs.get(i));
      assertTrue(same(expected, recording.at(i)), inputs.get(i).toString());
    }
    long different =
        inputs.stream().map(space::action).filter(a -> !same(a, recording.at(0))).count();
    assertTrue(different > 0, "actions can be told apart");
  }

  private static List<ActionInput> inputs(ActionSpace space) {
    List<ActionInput> inputs = new ArrayList<>();
    inputs.add(space.rest());
    space.choices().forEach(name -> inputs.add(ActionInput.choice(name)));
    space.switches().forEach(name -> inputs.add(space.rest().and(ActionInput.held(name))));
    space.keyBindings().forEach(it -> inputs.add(space.controls().input(Set.of(it.key()))));
    for (ActionSpace.Axis axis : space.axes()) {
      for (double value :
          new double[] {axis.low(), axis.high(), 0.1 + 0.2 - 0.2, Double.MIN_VALUE, -0.0, 1e-7}) {
        inputs.add(space.rest().and(ActionInput.axis(axis.name(), value)));
      }
    }
    Random random = new Random(1);
    for (int i = 0; i < 200; i++) {
      Set<String> held = new HashSet<>(space.switches());
      held.removeIf(_ -> random.nextBoolean());
      Map<String, Double> axes = new HashMap<>();
      for (ActionSpace.Axis axis : space.axes()) {
        axes.put(axis.name(), random.nextDouble(axis.low(), axis.high()));
      }
      Optional<String> choice =
          space.choices().isEmpty()
              ? Optional.empty()
              : Optional.of(space.choices().get(random.nextInt(space.choices().size())));
      inputs.add(new ActionInput(held, axes, choice));
    }
    return inputs;
  }

  /** Records whose parts may be arrays. */
  private static boolean same(Action a, Action b) {
    if (a.getClass() != b.getClass()) {
      return false;
    }
    try {
      for (RecordComponent part : a.getClass().getRecordComponents()) {
        part.getAccessor().setAccessible(true);
        if (!Objects.deepEquals(part.getAccessor().invoke(a), part.getAccessor().invoke(b))) {
          return false;
        }
      }
      return true;
    } catch (ReflectiveOperationException e) {
      throw new AssertionError(e);
    }
  }
}
