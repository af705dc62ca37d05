package dev.orrery.model.matrixgame2;

import dev.orrery.model.session.ActionInput;
import dev.orrery.model.session.ActionSpace;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * The three released forms of Matrix-Game 2.0, which differ in their action space and their
 * sampler. The first two have switches and a mouse; the third one takes one of seven choices.
 *
 * <p>Source: the action encodings of Matrix-Game 2.0's {@code inference_streaming.py}; a mouse step
 * is 0.1 a frame.
 */
public enum Variant implements ActionSpace {
  UNIVERSAL(
      List.of("forward", "back", "left", "right"),
      List.of(Set.of("forward", "back"), Set.of("left", "right")),
      List.of(),
      1000,
      666,
      333),
  GTA_DRIVE(
      List.of("accelerate", "brake"),
      List.of(Set.of("accelerate", "brake")),
      List.of(),
      1000,
      666,
      333),
  TEMPLERUN(
      List.of(),
      List.of(),
      // Running on is a class of its own, not the absence of one.
      List.of("run-on", "jump", "slide", "turn-left", "turn-right", "left-side", "right-side"),
      1000,
      750,
      500,
      250);

  /** The mouse of a model, in the order of its vector. */
  private static final List<Axis> MOUSE =
      List.of(
          new Axis("pitch", -1, 1, "up, keys move by 0.1 a frame"),
          new Axis("yaw", -1, 1, "right, keys move by 0.1 a frame"));

  private static final float MOUSE_STEP = 0.1f;

  private final List<String> switches;
  private final List<Set<String>> opposites;
  private final List<String> choices;
  private final List<Integer> denoisingSteps;
  private final List<KeyBinding> keys = new ArrayList<>();

  Variant(
      List<String> switches,
      List<Set<String>> opposites,
      List<String> choices,
      Integer... denoisingSteps) {
    this.switches = switches;
    this.opposites = opposites;
    this.choices = choices;
    this.denoisingSteps = List.of(denoisingSteps);
    switch (switches.size()) {
      case 4 -> {
        key("w", "forward", ActionInput.held("forward"));
        key("s", "back", ActionInput.held("back"));
        key("a", "left", ActionInput.held("left"));
        key("d", "right", ActionInput.held("right"));
        key("i", "look up", ActionInput.axis("pitch", MOUSE_STEP));
        key("k", "look down", ActionInput.axis("pitch", -MOUSE_STEP));
        key("j", "look left", ActionInput.axis("yaw", -MOUSE_STEP));
        key("l", "look right", ActionInput.axis("yaw", MOUSE_STEP));
        key("q", "nothing", ActionInput.NONE);
      }
      case 2 -> {
        key("w", "accelerate", ActionInput.held("accelerate"));
        key("s", "brake, reverse", ActionInput.held("brake"));
        key("a", "steer left", ActionInput.axis("yaw", -MOUSE_STEP));
        key("d", "steer right", ActionInput.axis("yaw", MOUSE_STEP));
        key("q", "nothing", ActionInput.NONE);
      }
      default -> {
        key("q", "run on", ActionInput.choice("run-on"));
        key("w", "jump", ActionInput.choice("jump"));
        key("s", "slide", ActionInput.choice("slide"));
        key("z", "turn left", ActionInput.choice("turn-left"));
        key("c", "turn right", ActionInput.choice("turn-right"));
        key("a", "to the left side", ActionInput.choice("left-side"));
        key("d", "to the right side", ActionInput.choice("right-side"));
      }
    }
  }

  private void key(String key, String meaning, ActionInput effect) {
    keys.add(new KeyBinding(key, meaning, effect));
  }

  /** The variant whose action modules have these sizes, as released configurations tell it. */
  static Variant of(ActionConfig action) {
    for (Variant variant : values()) {
      if (variant.keyboardDim() == action.keyboardDim()
          && variant.axes().size() == action.mouseDim()) {
        return variant;
      }
    }
    throw new IllegalArgumentException(
        "action_config: expected 4 keys and a mouse, 2 keys and a mouse, or 7 keys, found "
            + action.keyboardDim()
            + " keys and "
            + action.mouseDim()
            + " mouse axes");
  }

  /** Size of the keyboard's vector. */
  private int keyboardDim() {
    return switches.size() + choices.size();
  }

  /** Name in configurations: {@code universal}, {@code gta_drive}, {@code templerun}. */
  public String id() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** Positions in the noise table that the distilled sampler visits. */
  List<Integer> denoisingSteps() {
    return denoisingSteps;
  }

  @Override
  public List<String> switches() {
    return switches;
  }

  @Override
  public List<Set<String>> opposites() {
    return opposites;
  }

  @Override
  public List<Axis> axes() {
    return choices.isEmpty() ? MOUSE : List.of();
  }

  @Override
  public Optional<Mouse> mouse() {
    return choices.isEmpty() ? Optional.of(new Mouse("yaw", "pitch", true)) : Optional.empty();
  }

  @Override
  public List<String> choices() {
    return choices;
  }

  @Override
  public Optional<String> restingChoice() {
    return choices.stream().findFirst();
  }

  @Override
  public List<KeyBinding> keyBindings() {
    return List.copyOf(keys);
  }

  @Override
  public KeyboardMouse encode(ActionInput input) {
    float[] keyboard = new float[keyboardDim()];
    input.held().forEach(name -> keyboard[switches.indexOf(name)] = 1);
    input.choice().ifPresent(name -> keyboard[choices.indexOf(name)] = 1);
    float[] mouse = new float[axes().size()];
    for (int axis = 0; axis < mouse.length; axis++) {
      mouse[axis] = input.axes().getOrDefault(MOUSE.get(axis).name(), 0.0).floatValue();
    }
    return new KeyboardMouse(keyboard, mouse);
  }
}
