package dev.orrery.weights.quantize;

import java.util.regex.Pattern;

/**
 * Chooses tensors by name: {@code *} stands for any characters, dots included, {@code ?} for one.
 *
 * @param text as given
 * @param pattern the same as a regular expression
 */
record Glob(String text, Pattern pattern) {
  static Glob of(String text) {
    StringBuilder regex = new StringBuilder();
    text.chars()
        .forEach(
            c ->
                regex.append(
                    switch (c) {
                      case '*' -> ".*";
                      case '?' -> ".";
                      default -> Pattern.quote(Character.toString(c));
                    }));
    return new Glob(text, Pattern.compile(regex.toString()));
  }

  boolean matches(String name) {
    return pattern.matcher(name).matches();
  }
}
