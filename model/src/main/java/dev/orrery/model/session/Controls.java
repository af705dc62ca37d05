package dev.orrery.model.session;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/** The keys that a model answers to: a view of its {@link ActionSpace}. */
public final class Controls {
  private final ActionSpace space;
  private final Map<Character, ActionSpace.KeyBinding> bindings = new LinkedHashMap<>();

  Controls(ActionSpace space) {
    this.space = space;
    space.keyBindings().forEach(binding -> bindings.put(binding.key(), binding));
  }

  /**
   * Every key and what it does, in the order in which help texts show them. Keys are lower-case
   * letters.
   */
  public Map<Character, String> keys() {
    Map<Character, String> meanings = new LinkedHashMap<>();
    bindings.forEach((key, binding) -> meanings.put(key, binding.meaning()));
    return meanings;
  }

  /**
   * The action of holding some keys at once; no key at all is the model's "do nothing".
   *
   * @throws IllegalArgumentException if a key is not one of {@link #keys()} or the keys cannot be
   *     held together
   */
  public Action action(Set<Character> held) {
    ActionInput input = ActionInput.NONE;
    for (char key : held) {
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
    return space.action(input);
  }
}
