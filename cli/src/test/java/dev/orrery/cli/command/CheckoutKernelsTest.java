package dev.orrery.cli.command;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.orrery.kernels.cuda.CudaUnavailableException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Kernels of a checkout, with a program of three lines in the place of the one that runs nvcc. */
class CheckoutKernelsTest {
  private static final String COMPILES =
      """
      if (!java.nio.file.Path.of(System.getProperty("cuda.prebuilt")).endsWith("orrery-kernels")) {
        throw new AssertionError();
      }
      System.out.println("[INFO] compiling for " + System.getProperty("cuda.architectures"));
      System.out.println("Picked up something");
      java.nio.file.Files.createDirectories(java.nio.file.Path.of(arguments[1]));
      java.nio.file.Files.writeString(
          java.nio.file.Path.of(arguments[1], "resources.json"), "");
      """;

  @TempDir Path home;
  private Path source;
  private final List<String> told = new ArrayList<>();

  @BeforeEach
  void layOut() throws IOException {
    Path sources = Files.createDirectories(home.resolve("kernels/src/main/cuda"));
    source = Files.writeString(sources.resolve("Add.cu"), "");
    Files.createDirectories(home.resolve("cli/target"));
    built(false);
    builder(COMPILES);
  }

  @Test
  void areBuiltWhenMissingOrOlderThanTheirSources() throws IOException {
    build();
    assertEquals(List.of("compiling for 80,90a"), told);
    build();
    assertEquals(1, told.size());
    Files.setLastModifiedTime(source, FileTime.from(Instant.now().plusSeconds(60)));
    build();
    assertEquals(2, told.size());
  }

  @Test
  void whatABuildLeftOutStaysOut() throws IOException {
    built(true);
    assertEquals(
        "the last build left out the CUDA kernels; ./build without -Dcuda.skip makes them",
        refusal());
    assertEquals(List.of(), told);
  }

  @Test
  void whyTheyCannotBeBuiltIsOneLine() throws IOException {
    builder(
        """
        System.out.println("[ERROR] nvcc was not found");
        System.out.println("  anywhere");
        System.exit(1);
        """);
    assertEquals("the CUDA kernels cannot be built: nvcc was not found anywhere", refusal());
    builder("System.exit(1); nonsense");
    assertEquals("the CUDA kernels cannot be built: error: compilation failed", refusal());
  }

  @Test
  void aFolderWithoutSourcesHasNothingToBuild() throws IOException {
    Files.delete(source);
    Files.delete(source.getParent());
    build();
    assertEquals(List.of(), told);
  }

  private void build() {
    new CheckoutKernels(home).build(told::add);
  }

  private String refusal() {
    return assertThrows(CudaUnavailableException.class, this::build).getMessage();
  }

  private void built(boolean leftOut) throws IOException {
    Files.writeString(
        home.resolve("cli/target/orrery.built"),
        "cuda.left.out=%s\nrepository=%s\ncuda.architectures=80,90a\n".formatted(leftOut, "none"));
  }

  private void builder(String statements) throws IOException {
    Path folder = home.resolve("kernels/src/build/java/dev/orrery/kernels/cuda");
    Files.writeString(
        Files.createDirectories(folder).resolve("BuildKernels.java"),
        """
        package dev.orrery.kernels.cuda;
        final class BuildKernels {
          public static void main(String[] arguments) throws Exception {
            %s
          }
        }
        """
            .formatted(statements));
  }
}
