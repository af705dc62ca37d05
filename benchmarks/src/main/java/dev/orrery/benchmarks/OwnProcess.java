package dev.orrery.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * Plays a model in a Java machine of its own with the options of {@code ./orrery}: nothing in it is
 * warm.
 *
 * @param program whose arguments are the model's folder, a file for its results, and others
 * @param options of Java besides
 * @param temporary a folder for all of its files
 * @param out gets what it prints, line by line
 */
record OwnProcess(Class<?> program, List<String> options, Path temporary, Consumer<String> out) {

  /**
   * Runs the program to its end.
   *
   * @param arguments those that follow
   * @return its results
   * @throws IOException if it does not end with code 0
   */
  String run(Path model, String... arguments) throws IOException {
    Path results = temporary.resolve("results.json");
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(List.of(BenchRunner.FLAGS));
    command.addAll(options);
    command.add("-Djava.io.tmpdir=" + Files.createDirectories(temporary.resolve("temporary")));
    command.add("-cp");
    command.add(System.getProperty("java.class.path"));
    command.add(program.getName());
    command.add(model.toString());
    command.add(results.toString());
    command.addAll(List.of(arguments));
    Process process =
        new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
    // Whoever ends this program does not mean it to play on.
    Thread end = new Thread(process::destroy);
    Runtime.getRuntime().addShutdownHook(end);
    try (BufferedReader lines = process.inputReader(StandardCharsets.UTF_8)) {
      lines.lines().forEach(out);
      int code = process.waitFor();
      if (code != 0) {
        throw new IOException(model + ": " + program.getSimpleName() + " ended with code " + code);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", e);
    } finally {
      process.destroy();
      removeHook(end);
    }
    return Files.readString(results);
  }

  private static void removeHook(Thread end) {
    try {
      Runtime.getRuntime().removeShutdownHook(end);
    } catch (IllegalStateException e) {
      // This program is ending, and the hook does what it is for.
    }
  }
}
