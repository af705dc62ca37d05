package dev.orrery.model.oasis;

import dev.orrery.model.session.ActionInput;
import dev.orrery.runtime.checkpoint.JsonValue;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Raw recordings of VPT: which keys and mouse buttons were down during each video frame, and how
 * far the mouse went.
 *
 * <p>Source: the data loader of OpenAI's Video-Pre-Training, with the camera bins of open-oasis; it
 * cuts degrees to whole numbers, which Oasis' own action files show was not done for them.
 */
final class VptRecording {
  private static final Map<String, String> KEYS =
      Map.ofEntries(
          Map.entry("key.keyboard.w", "forward"),
          Map.entry("key.keyboard.s", "back"),
          Map.entry("key.keyboard.a", "left"),
          Map.entry("key.keyboard.d", "right"),
          Map.entry("key.keyboard.space", "jump"),
          Map.entry("key.keyboard.left.shift", "sneak"),
          Map.entry("key.keyboard.left.control", "sprint"),
          Map.entry("key.keyboard.e", "inventory"),
          Map.entry("key.keyboard.q", "drop"),
          Map.entry("key.keyboard.f", "swapHands"),
          Map.entry("key.keyboard.escape", "ESC"));

  private static final List<String> BUTTONS = List.of("attack", "use", "pickItem");
  private static final int ATTACK = BUTTONS.indexOf("attack");
  private static final int SLOTS = 9;

  /** Of the mouse, in pixels. */
  private static final double DEGREES_PER_PIXEL = 360.0 / 2400;

  private static final double MAX_DEGREES = 20;
  private static final double DEGREES_PER_BIN = 0.5;

  /** Whether attack is down since before the recording and nobody pressed it. */
  private boolean attackStuck;

  private int hotbar;

  private VptRecording(JsonValue first) {
    attackStuck = Arrays.equals(first.get("mouse").integers("newButtons"), new int[] {ATTACK});
  }

  /**
   * The inputs that a recording shows, one for each row.
   *
   * @param rows at least one
   * @throws dev.orrery.runtime.checkpoint.CheckpointException if a row is not of that form
   */
  static List<ActionInput> inputs(List<JsonValue> rows) {
    VptRecording recording = new VptRecording(rows.getFirst());
    List<ActionInput> inputs = new ArrayList<>();
    for (JsonValue row : rows) {
      inputs.add(recording.next(row, inputs.isEmpty()));
    }
    return inputs;
  }

  private ActionInput next(JsonValue row, boolean first) {
    JsonValue mouse = row.get("mouse");
    Set<String> held = new LinkedHashSet<>();
    for (JsonValue key : row.get("keyboard").get("keys").asList()) {
      switchOf(key.asString(), held);
    }
    if (!first && IntStream.of(mouse.integers("newButtons")).anyMatch(b -> b == ATTACK)) {
      attackStuck = false;
    }
    for (int button : mouse.integers("buttons")) {
      boolean known = button >= 0 && button < BUTTONS.size();
      if (known && !(attackStuck && button == ATTACK)) {
        held.add(BUTTONS.get(button));
      }
    }
    int slot = row.integer("hotbar");
    if (slot < 0 || slot >= SLOTS) {
      throw row.get("hotbar").unexpected("0 to " + (SLOTS - 1));
    }
    if (slot != hotbar) {
      held.add("hotbar." + (slot + 1));
    }
    hotbar = slot;
    return VptActions.input(
        held, bin(degrees(mouse.number("dy"))), bin(degrees(mouse.number("dx"))));
  }

  /** Keys that VPT does not know are passed over, as its loader does. */
  private static void switchOf(String key, Set<String> held) {
    if (KEYS.containsKey(key)) {
      held.add(KEYS.get(key));
    } else if (key.matches("key\\.keyboard\\.[1-9]")) {
      held.add("hotbar." + key.charAt(key.length() - 1));
    }
  }

  /** How far a movement of the mouse turns the camera. */
  static double degrees(double pixels) {
    return pixels * DEGREES_PER_PIXEL;
  }

  /** The bin of an angle, ties to even. */
  static int bin(double degrees) {
    double clipped = Math.clamp(degrees, -MAX_DEGREES, MAX_DEGREES);
    return (int) Math.rint((clipped + MAX_DEGREES) / DEGREES_PER_BIN);
  }
}
