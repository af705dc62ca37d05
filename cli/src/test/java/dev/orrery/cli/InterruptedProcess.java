package dev.orrery.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A process of its own that gets the signal of Ctrl-C while it works.
 *
 * @param code its exit code
 * @param lines everything that it wrote
 */
record InterruptedProcess(int code, List<String> lines) {
  /** What is looked at before the signal. */
  @FunctionalInterface
  interface Check {
    /** Called once, while the process works. */
    void run() throws IOException;
  }

  /**
   * Runs a main class to its end.
   *
   * @param working beginning of the line that it writes when it works
   */
  static InterruptedProcess run(Class<?> main, String working, Check check, String... arguments)
      throws IOException, InterruptedException {
    return run(List.of(), main, working, check, arguments);
  }

  /**
   * Runs a main class to its end.
   *
   * @param options of Java
   * @param working beginning of the line that it writes when it works
   */
  static InterruptedProcess run(
      List<String> options, Class<?> main, String working, Check check, String... arguments)
      throws IOException, InterruptedException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--add-modules=jdk.incubator.vector",
                "--enable-native-access=ALL-UNNAMED",
                "-cp",
                System.getProperty("java.class.path"),
                main.getName()));
    command.addAll(1, options);
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    List<String> lines = new ArrayList<>();
    boolean begun = false;
    try (BufferedReader reader =
        new BufferedReader(
            new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
      for (String line = reader.readLine(); line != null; line = reader.readLine()) {
        lines.add(line);
        if (!begun && line.startsWith(working)) {
          begun = true;
          check.run();
          new ProcessBuilder("kill", "-INT", Long.toString(process.pid())).start().waitFor();
        }
      }
    }
    return new InterruptedProcess(process.waitFor(), lines);
  }
}
