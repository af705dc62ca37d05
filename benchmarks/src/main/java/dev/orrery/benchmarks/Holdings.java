package dev.orrery.benchmarks;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What this process has of the system that is to be given back; files and mappings where Linux
 * tells of them.
 *
 * @param names of threads, open and mapped files and temporary ones, each as often as it is there
 */
record Holdings(List<String> names) {
  private static final Path OPEN = Path.of("/proc/self/fd");
  private static final Path MAPPED = Path.of("/proc/self/maps");

  /** Columns of a line about a mapped file. */
  private static final int MAPPED_COLUMNS = 6;

  /** Now. */
  static Holdings now() throws IOException {
    List<String> names = new ArrayList<>();
    Thread.getAllStackTraces().keySet().forEach(it -> names.add("thread " + it.getName()));
    if (Files.isDirectory(OPEN)) {
      try (Stream<Path> open = Files.list(OPEN)) {
        open.forEach(it -> target(it).ifPresent(file -> names.add("open " + file)));
      }
      try (Stream<String> lines = Files.lines(MAPPED)) {
        lines
            .map(line -> line.split(" +", MAPPED_COLUMNS))
            .filter(line -> line.length == MAPPED_COLUMNS && line[5].startsWith("/"))
            .forEach(line -> names.add("mapped " + line[5]));
      }
    }
    try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
      files.forEach(it -> names.add("temporary " + it));
    }
    return new Holdings(List.copyOf(names));
  }

  /** Of a file that is open; the folder that is being listed is closed by then. */
  private static Optional<Path> target(Path link) {
    try {
      return Optional.of(Files.readSymbolicLink(link)).filter(file -> !file.startsWith("/proc"));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  /** What is here and was not there, each as often. */
  List<String> without(Holdings before) {
    List<String> left = new ArrayList<>(names);
    before.names.forEach(left::remove);
    return left;
  }
}
