package dev.orrery.kernels.cuda;

import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * NVIDIA's compiler.
 *
 * @param nvcc its program
 * @param version its version, {@code 13.0.88}
 */
record CudaCompiler(Path nvcc, String version) {
  /** The first that knows all architectures kernels are shipped for: major times 100, minor. */
  private static final int OLDEST = 1208;

  private static final Pattern VERSION = Pattern.compile("V((\\d+)\\.(\\d+)\\.\\d+)");

  /** A program that ended with an error; the message is what it said. */
  static final class CompileException extends IOException {
    private static final long serialVersionUID = 1;

    CompileException(String message) {
      super(message);
    }
  }

  /**
   * The compiler of this machine: the first in {@code CUDA_HOME}, in the place where installers put
   * it, and on the path.
   *
   * @param environment variables of the environment
   * @param temporary folder for its temporary files
   * @throws CompileException if there is none or it is too old
   */
  static CudaCompiler find(Map<String, String> environment, Path temporary)
      throws IOException, InterruptedException {
    List<Path> folders = new ArrayList<>();
    if (environment.containsKey("CUDA_HOME")) {
      folders.add(Path.of(environment.get("CUDA_HOME"), "bin"));
    }
    folders.add(Path.of("/usr/local/cuda/bin"));
    for (String folder : environment.getOrDefault("PATH", "").split(File.pathSeparator)) {
      folders.add(Path.of(folder));
    }
    String program = File.separatorChar == '\\' ? "nvcc.exe" : "nvcc";
    Optional<Path> nvcc =
        folders.stream()
            .map(folder -> folder.resolve(program))
            .filter(Files::isExecutable)
            .findFirst();
    if (nvcc.isEmpty()) {
      throw new CompileException("nvcc was not found in CUDA_HOME, /usr/local/cuda or PATH");
    }
    return at(nvcc.get(), temporary);
  }

  private static CudaCompiler at(Path nvcc, Path temporary)
      throws IOException, InterruptedException {
    String answer = run(List.of(nvcc.toString(), "--version"), temporary);
    Matcher version = VERSION.matcher(answer);
    if (!version.find()) {
      throw new CompileException(nvcc + ": expected to be told a version, found\n" + answer);
    }
    int number = 100 * Integer.parseInt(version.group(2)) + Integer.parseInt(version.group(3));
    if (number < OLDEST) {
      throw new CompileException(
          nvcc + ": expected version 12.8 or newer, found " + version.group(1));
    }
    return new CudaCompiler(nvcc, version.group(1));
  }

  /**
   * Runs the compiler.
   *
   * @param temporary folder for its temporary files
   * @return all that it printed
   * @throws CompileException if it ends with an error
   */
  String compile(List<String> arguments, Path temporary) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of(nvcc.toString()));
    command.addAll(arguments);
    return run(command, temporary);
  }

  private static String run(List<String> command, Path temporary)
      throws IOException, InterruptedException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    for (String variable : List.of("TMPDIR", "TMP", "TEMP")) {
      builder.environment().put(variable, temporary.toString());
    }
    Process process = builder.start();
    String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    int status = process.waitFor();
    if (status != 0) {
      throw new CompileException(
          String.join(" ", command) + " ended with " + status + "\n" + output.stripTrailing());
    }
    return output;
  }
}
