package dev.orrery.cli.command;

import dev.orrery.kernels.Backends;
import dev.orrery.kernels.CudaBackend.MatmulProvider;
import dev.orrery.kernels.cuda.CudaUnavailableException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Properties;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * The CUDA kernels of the checkout that {@code ./orrery} runs. Compiling them takes minutes, so
 * they are built when a GPU is first asked for, unless somebody's build has left them out.
 */
public final class CheckoutKernels {
  private static final String PACKAGE = "dev/orrery/kernels/cuda";
  private static final String INFO = "[INFO] ";
  private static final String ERROR = "[ERROR] ";

  private final Path home;
  private final Path sources;
  private final Path results;

  /**
   * @param home root of the checkout
   */
  CheckoutKernels(Path home) {
    this.home = home;
    this.sources = home.resolve("kernels/src/main/cuda");
    this.results = home.resolve("kernels/target/classes").resolve(PACKAGE);
  }

  /**
   * Backends that, once there is a GPU, have the kernels of the checkout that this program was
   * started from built, if it was and they are missing or older than their sources. Without kernels
   * the GPU cannot be used, for a reason of one line.
   *
   * @param threads see {@link Backends}
   * @param told receives what is being done
   */
  public static Backends backends(int threads, MatmulProvider matmul, Consumer<String> told) {
    String home = System.getProperty("orrery.home");
    return new Backends(
        threads,
        matmul,
        home == null ? () -> {} : () -> new CheckoutKernels(Path.of(home)).build(told));
  }

  /**
   * Builds the kernels of this checkout if they are missing or older than their sources.
   *
   * @param told receives what is being done
   * @throws CudaUnavailableException saying in one line why there are none
   */
  void build(Consumer<String> told) {
    try {
      if (Files.isDirectory(sources) && !areCurrent()) {
        compile(told);
      }
    } catch (IOException e) {
      throw new CudaUnavailableException("the CUDA kernels cannot be built: " + e.getMessage(), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new CudaUnavailableException("the build of the CUDA kernels was interrupted", e);
    }
  }

  private boolean areCurrent() throws IOException {
    Path complete = results.resolve("resources.json");
    if (!Files.exists(complete)) {
      return false;
    }
    FileTime built = Files.getLastModifiedTime(complete);
    try (Stream<Path> files = Files.list(sources)) {
      for (Path file : files.filter(f -> f.toString().matches(".*\\.cuh?")).toList()) {
        if (Files.getLastModifiedTime(file).compareTo(built) > 0) {
          return false;
        }
      }
    }
    return true;
  }

  private void compile(Consumer<String> told) throws IOException, InterruptedException {
    Properties build = new Properties();
    try (Reader reader = Files.newBufferedReader(home.resolve("cli/target/orrery.built"))) {
      build.load(reader);
    } catch (NoSuchFileException e) {
      throw new CudaUnavailableException("the CUDA kernels are not built; ./build does", e);
    }
    if (build.getProperty("cuda.left.out").equals("true")) {
      throw new CudaUnavailableException(
          "the last build left out the CUDA kernels; ./build without -Dcuda.skip makes them");
    }
    Process process = new ProcessBuilder(command(build)).redirectErrorStream(true).start();
    process.getOutputStream().close();
    List<String> errors = new ArrayList<>();
    String last = "";
    try (BufferedReader lines = process.inputReader()) {
      for (String line = lines.readLine(); line != null; line = lines.readLine()) {
        last = line;
        if (line.startsWith(INFO)) {
          told.accept(line.substring(INFO.length()));
        } else if (line.startsWith(ERROR) || !errors.isEmpty()) {
          errors.add(line.replace(ERROR, "").strip());
        }
      }
    }
    if (process.waitFor() != 0) {
      throw new CudaUnavailableException(
          "the CUDA kernels cannot be built: "
              + (errors.isEmpty() ? last : String.join(" ", errors)));
    }
  }

  /** The step of Maven's build that compiles them, told where Maven keeps what was installed. */
  private List<String> command(Properties build) {
    Path repository = Path.of(build.getProperty("repository"));
    return List.of(
        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
        "-XX:TieredStopAtLevel=1",
        "-Dcuda.required=true",
        "-Dcuda.architectures=" + build.getProperty("cuda.architectures"),
        "-Dcuda.prebuilt=" + repository.resolve("dev/orrery/orrery-kernels"),
        home.resolve("kernels/src/build/java").resolve(PACKAGE) + "/BuildKernels.java",
        sources.toString(),
        results.toString(),
        home.resolve("kernels/target/cuda").toString());
  }
}
