package dev.orrery.weights.hub;

import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Which names from a server may become names of files: relative paths with {@code /} whose every
 * part is a plain name on all systems. They cannot leave the folder they are resolved in, name a
 * device, or reach into a {@code .git} folder, whose files can run programs.
 */
final class RepositoryPath {
  private static final int MAX_PART_BYTES = 255;
  private static final int MAX_BYTES = 1024;

  /** Windows opens a device for these, with any extension. */
  private static final Pattern DEVICE =
      Pattern.compile(
          "(?i)(con|prn|aux|nul|com[0-9\u00b9\u00b2\u00b3]|lpt[0-9\u00b9\u00b2\u00b3])([ .].*)?");

  /** Forbidden on Windows, and {@code :} also names streams and drives there. */
  private static final Pattern FORBIDDEN = Pattern.compile("[\\\\:*?\"<>|\\p{Cntrl}]");

  private RepositoryPath() {}

  /** What is wrong with a path; empty if nothing is. */
  static Optional<String> problem(String path) {
    if (path.getBytes(StandardCharsets.UTF_8).length > MAX_BYTES) {
      return Optional.of("longer than " + MAX_BYTES + " bytes");
    }
    for (String part : path.split("/", -1)) {
      Optional<String> problem = problemOfPart(part);
      if (problem.isPresent()) {
        return problem;
      }
    }
    return Optional.empty();
  }

  private static Optional<String> problemOfPart(String part) {
    if (part.isEmpty() || part.equals(".") || part.equals("..")) {
      return Optional.of("empty, . or .. between slashes");
    }
    if (FORBIDDEN.matcher(part).find() || !isUnicode(part)) {
      return Optional.of("a character that not every system allows in a file name");
    }
    if (part.endsWith(".") || part.endsWith(" ")) {
      return Optional.of("a name that ends in a dot or blank");
    }
    if (DEVICE.matcher(part).matches() || part.equalsIgnoreCase(".git")) {
      return Optional.of("a reserved name");
    }
    if (part.getBytes(StandardCharsets.UTF_8).length > MAX_PART_BYTES) {
      return Optional.of("a name longer than " + MAX_PART_BYTES + " bytes");
    }
    return Optional.empty();
  }

  /** Whether it has no half of a surrogate pair, which would turn into a question mark. */
  private static boolean isUnicode(String text) {
    return StandardCharsets.UTF_8.newEncoder().canEncode(text);
  }
}
