package dev.orrery.model.family;

import dev.orrery.model.session.UnusableStartException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * A folder of PNG files that are the frames of a video, in the order of the numbers at the end of
 * their names, {@code 9.png} before {@code 10.png}. The first one may have any number; after it
 * none may be missing, because what moves would jump there. Other files are left alone.
 */
final class NumberedImages {
  private static final Pattern PNG = Pattern.compile("(?is).*\\.png");
  private static final Pattern NUMBERED = Pattern.compile("(?is)(.*?)(\\d{1,18})\\.png");

  private NumberedImages() {}

  /**
   * The images of a folder in their order.
   *
   * @throws IOException if it cannot be listed
   * @throws UnusableStartException if there is none, one has no number, their names differ in more
   *     than the number, or a number is missing or there twice
   */
  static List<Path> in(Path folder) throws IOException {
    List<Path> files;
    try (Stream<Path> all = Files.list(folder)) {
      files =
          all.filter(file -> PNG.matcher(file.getFileName().toString()).matches())
              .sorted()
              .toList();
    }
    if (files.isEmpty()) {
      throw refused(folder, "expected numbered PNG files, found none");
    }
    Map<Long, Path> byNumber = new TreeMap<>();
    String stem = null;
    for (Path file : files) {
      String name = file.getFileName().toString();
      Matcher parts = NUMBERED.matcher(name);
      if (!parts.matches()) {
        throw refused(folder, "expected numbered PNG files, found " + name);
      }
      if (stem != null && !stem.equals(parts.group(1))) {
        throw refused(
            folder,
            "expected names that differ in their number alone, found "
                + files.getFirst().getFileName()
                + " and "
                + name);
      }
      stem = parts.group(1);
      Path other = byNumber.put(Long.valueOf(parts.group(2)), file);
      if (other != null) {
        throw refused(
            folder, "expected each number once, found " + other.getFileName() + " and " + name);
      }
    }
    requireNoGaps(folder, byNumber);
    return List.copyOf(byNumber.values());
  }

  private static void requireNoGaps(Path folder, Map<Long, Path> byNumber) {
    Long before = null;
    for (long number : byNumber.keySet()) {
      if (before != null && number != before + 1) {
        throw refused(
            folder,
            "expected number "
                + (before + 1)
                + " after "
                + byNumber.get(before).getFileName()
                + ", found "
                + byNumber.get(number).getFileName());
      }
      before = number;
    }
  }

  private static UnusableStartException refused(Path folder, String problem) {
    return new UnusableStartException(folder + ": " + problem);
  }
}
