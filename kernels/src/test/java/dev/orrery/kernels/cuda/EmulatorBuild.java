package dev.orrery.kernels.cuda;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * Compiles the emulator and kernels with g++. Results carry a hash of everything they were made
 * from in their name, so that nothing is compiled twice and several JVMs may build at once.
 */
final class EmulatorBuild {
  private static final List<String> RUNTIME_FLAGS =
      List.of("-std=c++17", "-O3", "-march=native", "-g", "-fPIC");

  /**
   * Products are not fused with sums, so that results do not depend on the optimizer. Without
   * -fno-gnu-unique two libraries that instantiate the same template share its static variables,
   * and these are the shared memory of a block. Of debug information only lines are read.
   */
  private static final List<String> KERNEL_FLAGS =
      List.of(
          "-std=c++17",
          "-ffp-contract=off",
          "-fno-gnu-unique",
          "-g1",
          "-fPIC",
          "-Wno-unknown-pragmas");

  /** How often a kernel runs. */
  enum Runs {
    MANY("-O2"),
    /** In one test, of whose time most is the compiler's, and this halves it. */
    FEW("-Og");

    private final String optimization;

    Runs(String optimization) {
      this.optimization = optimization;
    }
  }

  private static final String LANGUAGE = "cuda_emulated.h";

  private static final long ASKED_AGAIN_MILLISECONDS = 20;

  private final Path compiler;
  private final Path root;
  private final Path kernels;
  private final Path emulator;
  private final Path output;
  private final Path runtime;

  /**
   * Finds the sources and compiles the runtime.
   *
   * @param compiler g++
   * @param root the folder that holds the modules
   */
  EmulatorBuild(Path compiler, Path root) {
    this.compiler = compiler;
    this.root = root;
    kernels = root.resolve("kernels/src/main/cuda");
    emulator = root.resolve("kernels/src/test/emulator");
    output = root.resolve("kernels/target/emulator");
    runtime = buildRuntime();
  }

  /** The g++ on the path; null if there is none. */
  static Path findCompiler() {
    String path = System.getenv().getOrDefault("PATH", "");
    return Stream.of(path.split(java.io.File.pathSeparator))
        .map(folder -> Path.of(folder, "g++"))
        .filter(Files::isExecutable)
        .findFirst()
        .orElse(null);
  }

  /** The library that stands in for the driver. */
  Path runtime() {
    return runtime;
  }

  /** Where the sources of kernels lie. */
  Path kernels() {
    return kernels;
  }

  /** Where the sources of the kernels lie that test the emulator itself. */
  Path testKernels() {
    return root.resolve("kernels/src/test/cuda");
  }

  private Path buildRuntime() {
    List<Path> sources = files(emulator, ".cpp");
    List<Path> all = new ArrayList<>(sources);
    all.addAll(files(emulator, ".h", ".cuh"));
    Path folder = output.resolve("runtime-" + hash(RUNTIME_FLAGS, all, ""));
    Path library = folder.resolve("libcuda.so.1");
    if (Files.exists(library)) {
      return library;
    }
    List<String> command = new ArrayList<>(List.of(compiler.toString()));
    command.addAll(RUNTIME_FLAGS);
    // The runtime is a stand-in: its own calls must never end in a real driver.
    command.addAll(List.of("-shared", "-Wl,-soname,libcuda.so.1", "-Wl,-Bsymbolic"));
    sources.forEach(source -> command.add(source.toString()));
    command.addAll(List.of("-ldl", "-lpthread"));
    return build(library, "the emulator", temporary -> run(command, "-o", temporary));
  }

  /**
   * Compiles a kernel.
   *
   * @param name of the source without its ending, for messages
   * @param text of the source
   * @param runs how much the compiler does for speed; results are the same
   * @return the library
   */
  Path buildKernel(String name, String text, EmulatedDriver.Variant variant, Runs runs) {
    List<Path> headers = new ArrayList<>(files(kernels, ".cuh"));
    headers.addAll(files(emulator, ".cuh"));
    headers.add(emulator.resolve(LANGUAGE));
    headers.add(emulator.resolve("emulator.h"));
    headers.add(emulator.resolve("emulator_hopper.h"));
    List<String> flags = new ArrayList<>(KERNEL_FLAGS);
    flags.add(runs.optimization);
    flags.addAll(variant.flags());
    String hash = hash(flags, headers, text);
    Path folder = output.resolve(variant.name().toLowerCase(Locale.ROOT));
    Path library = folder.resolve(name + "-" + hash + ".so");
    if (Files.exists(library)) {
      return library;
    }
    return build(
        library,
        name + ".cu",
        temporary -> {
          // The compiler gets the very text that was hashed, and reports its lines by this name.
          Path source = temporary.resolveSibling(name + ".cu");
          Files.writeString(source, text);
          List<String> compile = new ArrayList<>(List.of(compiler.toString()));
          compile.addAll(flags);
          // The first that has the header of the device language has it compiled.
          compile.addAll(List.of("-I", precompiled(flags).toString()));
          compile.addAll(List.of("-I", kernels.toString(), "-I", emulator.toString()));
          compile.addAll(List.of("-include", LANGUAGE, "-x", "c++", "-c"));
          compile.add(source.toString());
          Path object = temporary.resolveSibling(name + ".o");
          run(compile, "-o", object);
          // Linked on its own, because the compiler would add the library of the sanitizer.
          List<String> link = new ArrayList<>(List.of(compiler.toString(), "-shared"));
          link.addAll(List.of("-Wl,--no-undefined", object.toString(), runtime.toString()));
          run(link, "-o", temporary);
        });
  }

  /**
   * Compiles the header of the device language, which takes longer than most kernels do.
   *
   * @return the folder in which the compiler finds it in place of the header
   */
  private synchronized Path precompiled(List<String> flags) {
    Path header = emulator.resolve(LANGUAGE);
    String hash = hash(flags, List.of(header, emulator.resolve("emulator.h")), "");
    Path folder = output.resolve("headers-" + hash);
    Path compiled = folder.resolve(LANGUAGE + ".gch");
    if (!Files.exists(compiled)) {
      List<String> command = new ArrayList<>(List.of(compiler.toString()));
      command.addAll(flags);
      command.addAll(List.of("-x", "c++-header", header.toString()));
      build(compiled, LANGUAGE, temporary -> run(command, "-o", temporary));
    }
    return folder;
  }

  /** Makes a file in a folder of its own. */
  private interface Step {
    void make(Path temporary) throws IOException;
  }

  /** Makes a file, or waits for another JVM that is making it. */
  private static Path build(Path result, String what, Step step) {
    try {
      Path folder = Files.createDirectories(result.getParent());
      Path lock = folder.resolve(result.getFileName() + ".lock");
      try (FileChannel channel =
          FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
        await(channel);
        if (!Files.exists(result)) {
          make(result, step);
        }
        // Whoever waits for it finds the result, and who comes later does not even look for it.
        Files.deleteIfExists(lock);
      }
      return result;
    } catch (CompilerException e) {
      throw new IllegalStateException(what + " does not compile:\n" + e.getMessage(), e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /**
   * Locks a file. Asks again and again: systems that know only which process holds and awaits what
   * refuse to wait where threads of two JVMs would wait for each other's files by turns.
   */
  private static void await(FileChannel channel) throws IOException {
    while (true) {
      try {
        if (channel.tryLock() != null) {
          return;
        }
      } catch (OverlappingFileLockException e) {
        // Another thread of this JVM has it.
      }
      try {
        Thread.sleep(ASKED_AGAIN_MILLISECONDS);
      } catch (InterruptedException e) {
        throw new IllegalStateException("interrupted while waiting for another compiler", e);
      }
    }
  }

  private static void make(Path result, Step step) throws IOException {
    Path own = Files.createTempDirectory(result.getParent(), "build");
    try {
      Path temporary = own.resolve(result.getFileName());
      step.make(temporary);
      Files.move(temporary, result, StandardCopyOption.ATOMIC_MOVE);
    } finally {
      for (Path file : files(own, "")) {
        Files.delete(file);
      }
      Files.delete(own);
    }
  }

  private static final class CompilerException extends IOException {
    private static final long serialVersionUID = 1;

    CompilerException(String message) {
      super(message);
    }
  }

  private static void run(List<String> command, String option, Path output) throws IOException {
    List<String> all = new ArrayList<>(command);
    all.addAll(List.of(option, output.toString()));
    Process process = new ProcessBuilder(all).redirectErrorStream(true).start();
    String text = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    try {
      if (process.waitFor() != 0) {
        throw new CompilerException(text);
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException("interrupted while compiling", e);
    }
  }

  private static List<Path> files(Path folder, String... endings) {
    if (!Files.isDirectory(folder)) {
      throw new IllegalStateException("no folder " + folder + ": is project.root right?");
    }
    try (Stream<Path> files = Files.list(folder)) {
      return files
          .filter(file -> Arrays.stream(endings).anyMatch(file.toString()::endsWith))
          .sorted()
          .toList();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static String hash(List<String> flags, List<Path> files, String text) {
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      digest.update(String.join(" ", flags).getBytes(StandardCharsets.UTF_8));
      for (Path file : files) {
        digest.update(file.getFileName().toString().getBytes(StandardCharsets.UTF_8));
        digest.update(Files.readAllBytes(file));
      }
      digest.update(text.getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest.digest(), 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new AssertionError(e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
