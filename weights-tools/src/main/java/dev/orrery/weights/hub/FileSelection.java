package dev.orrery.weights.hub;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * Which files of a repository are wanted: those named and those that match a pattern of {@code
 * include}, or all if there is neither; without those that match a pattern of {@code exclude}.
 *
 * <p>Patterns are those of the Python library: {@code *} matches any characters, also {@code /};
 * {@code ?} one character; {@code [abc]} and {@code [!a-z]} one of a set; a pattern that ends in
 * {@code /} everything below.
 *
 * @param files paths, each of which must exist
 * @param include patterns of more files
 * @param exclude patterns of files that are not wanted
 */
public record FileSelection(List<String> files, List<String> include, List<String> exclude) {
  /** Everything. */
  public static final FileSelection ALL = new FileSelection(List.of(), List.of(), List.of());

  /** Copies the lists. */
  public FileSelection {
    files = List.copyOf(files);
    include = List.copyOf(include);
    exclude = List.copyOf(exclude);
  }

  /** Whether a path is wanted. */
  public Predicate<String> wanted() {
    Predicate<String> named = files::contains;
    Predicate<String> included = matchesAny(include);
    Predicate<String> excluded = matchesAny(exclude);
    boolean all = files.isEmpty() && include.isEmpty();
    return path -> (all || named.test(path) || included.test(path)) && !excluded.test(path);
  }

  /** The named files that are not among some paths. */
  List<String> missing(List<String> paths) {
    List<String> missing = new ArrayList<>(files);
    missing.removeAll(paths);
    return missing;
  }

  private static Predicate<String> matchesAny(List<String> globs) {
    List<Pattern> patterns = globs.stream().map(FileSelection::pattern).toList();
    return path -> patterns.stream().anyMatch(pattern -> pattern.matcher(path).matches());
  }

  private static Pattern pattern(String glob) {
    String whole = glob.endsWith("/") ? glob + "*" : glob;
    StringBuilder regex = new StringBuilder();
    for (int i = 0; i < whole.length(); i++) {
      char c = whole.charAt(i);
      // The first character of a set is a member even if it is a closing bracket.
      int set = c == '[' ? whole.indexOf(']', whole.startsWith("[!", i) ? i + 3 : i + 2) : -1;
      if (c == '*') {
        regex.append(".*");
      } else if (c == '?') {
        regex.append('.');
      } else if (set > 0) {
        regex.append(set(whole.substring(i + 1, set)));
        i = set;
      } else {
        regex.append(Pattern.quote(String.valueOf(c)));
      }
    }
    return Pattern.compile(regex.toString(), Pattern.DOTALL);
  }

  private static String set(String members) {
    boolean inverted = members.startsWith("!");
    String plain = members.substring(inverted ? 1 : 0).replaceAll("[\\\\\\[\\]&^]", "\\\\$0");
    return (inverted ? "[^" : "[") + plain + "]";
  }
}
