package dev.orrery.kernels;

import java.nio.file.Path;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;

/** The constants that a CUDA source defines, for tests of the Java classes that repeat them. */
public final class CudaConstants {
  private final Path file;
  private final String source;

  private CudaConstants(Path file) {
    this.file = file;
    source = SourceTree.read(file);
  }

  /**
   * @param name of the file, such as {@code rows.cuh}
   */
  public static CudaConstants of(String name) {
    return new CudaConstants(SourceTree.root().resolve("kernels/src/main/cuda").resolve(name));
  }

  /**
   * The number that a name is defined as.
   *
   * @throws IllegalStateException if the source does not define it exactly once
   */
  public int number(String name) {
    List<String> values =
        Pattern.compile("\\b" + name + " = (\\d+)")
            .matcher(source)
            .results()
            .map(MatchResult::group)
            .toList();
    if (values.size() != 1) {
      throw new IllegalStateException(
          name + ": expected one definition in " + file + ": " + values);
    }
    return Integer.parseInt(values.getFirst().replaceFirst(".* = ", ""));
  }
}
