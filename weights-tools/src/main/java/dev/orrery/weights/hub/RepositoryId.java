package dev.orrery.weights.hub;

import java.util.regex.Pattern;

/**
 * The name of a repository of a model: {@code owner/name}, or {@code name} alone for some old ones.
 *
 * @param text as the user writes it
 */
public record RepositoryId(String text) {
  private static final int MAX_LENGTH = 96;
  private static final Pattern PATTERN =
      Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]*(/[A-Za-z0-9][A-Za-z0-9._-]*)?");

  /**
   * Checks the name.
   *
   * @throws IllegalArgumentException if it is not a name that a hub gives; {@code --} and {@code
   *     ..} are not in one, so that it can be part of a folder's name
   */
  public RepositoryId {
    if (text.length() > MAX_LENGTH
        || !PATTERN.matcher(text).matches()
        || text.contains("--")
        || text.contains("..")
        || text.endsWith(".git")
        || text.matches(".*[.-](/.*)?")) {
      throw new IllegalArgumentException(
          "expected a repository such as owner/name, found \""
              + HubException.printable(text)
              + '"');
    }
  }

  /** The name of its folder in a cache: {@code models--owner--name}. */
  String cacheFolder() {
    return "models--" + text.replace("/", "--");
  }

  @Override
  public String toString() {
    return text;
  }
}
