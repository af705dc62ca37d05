package dev.orrery.model.session;

import java.util.Map;
import java.util.Set;

/** The keys that a model answers to. */
public interface Controls {
  /**
   * Every key and what it does, in the order in which help texts show them. Keys are lower-case
   * letters.
   */
  Map<Character, String> keys();

  /**
   * The action of holding some keys at once; no key at all is the model's "do nothing".
   *
   * @throws IllegalArgumentException if a key is not one of {@link #keys()} or the keys cannot be
   *     held together
   */
  Action action(Set<Character> held);
}
