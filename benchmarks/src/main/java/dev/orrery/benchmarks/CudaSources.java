package dev.orrery.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** Numbers of CUDA sources and of the tables of their launchers, read from the text. */
final class CudaSources {
  private final Path cuda;
  private final Path launchers;

  /**
   * @param root of the checkout
   */
  CudaSources(Path root) {
    cuda = root.resolve("kernels/src/main/cuda");
    launchers = root.resolve("kernels/src/main/java/dev/orrery/kernels");
  }

  /** The value of {@code constexpr int NAME = 64;}. */
  int constant(String file, String name) {
    return rows(cuda.resolve(file), "constexpr int " + name + " = (\\d+);").getFirst()[0];
  }

  /** Numbers that a pattern finds in a source, a row for each place. */
  List<int[]> inSource(String file, String pattern) {
    return rows(cuda.resolve(file), pattern);
  }

  /** Numbers that a pattern finds in a launcher, a row for each place. */
  List<int[]> inLauncher(String file, String pattern) {
    return rows(launchers.resolve(file), pattern);
  }

  /** Whether a source has a text, however its lines are broken. */
  boolean has(String file, String text) {
    return oneLine(read(cuda.resolve(file))).contains(oneLine(text));
  }

  private static List<int[]> rows(Path file, String pattern) {
    List<int[]> rows = new ArrayList<>();
    Matcher matcher = Pattern.compile(pattern).matcher(read(file));
    while (matcher.find()) {
      MatchResult found = matcher.toMatchResult();
      rows.add(
          IntStream.rangeClosed(1, found.groupCount())
              .map(group -> Integer.parseInt(found.group(group)))
              .toArray());
    }
    if (rows.isEmpty()) {
      throw new IllegalStateException(
          file + " has no " + pattern + ", which the cost of its kernels is counted from");
    }
    return rows;
  }

  private static String oneLine(String text) {
    return text.replaceAll("\\s+", " ");
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
