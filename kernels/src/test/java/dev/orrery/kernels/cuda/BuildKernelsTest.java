package dev.orrery.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledOnOs;
import org.junit.jupiter.api.condition.OS;
import org.junit.jupiter.api.io.TempDir;

/** The build step, with a script in the compiler's place. */
@DisabledOnOs(value = OS.WINDOWS, disabledReason = "the compiler's stand-in is a shell script")
class BuildKernelsTest {
  /**
   * Writes its arguments into the result, and keeps the PTX of machine code. A source that holds
   * the word broken is an error; one with the word serialised makes the assembler say so, as it
   * does without an error.
   */
  private static final String STAND_IN =
      """
      #!/bin/sh
      if [ "$1" = --version ]; then
        echo 'Cuda compilation tools, release 13.0, V13.0.88'
        exit
      fi
      arguments="$*"
      machines=$(printf '%s\\n' "$@" | sed -n 's/^-gencode=arch=\\(.*\\),code=\\[sm_.*/\\1/p')
      while [ "$1" != -o ]; do
        case $1 in --keep-dir=*) folder=${1#*=} ;; esac
        shift
      done
      if grep -q broken "$3"; then
        echo "$3: error: broken"
        exit 2
      fi
      if grep -q serialised "$3"; then
        echo "ptxas info    : (C7510) Potential Performance Loss: wgmma.mma_async instructions \
      are serialized due to insufficient register resources in function 'f'"
      fi
      printf '// made with %s\\n.version 9.0\\n.target sm_80\\n' "$arguments" > "$2"
      for machine in $machines; do
        kept=$(basename "$3" .cu).$machine.ptx
        [ "$machines" != "$machine" ] || kept=$(basename "$3" .cu).ptx
        printf '// kept of %s\\n.version 9.0\\n.target sm_80\\n' "$machine" > "$folder/$kept"
      done
      echo "ptxas info    : Compiling entry function 'f' for 'sm_80'"
      echo "ptxas info    : Used 40 registers, 64 bytes smem"
      """;

  @TempDir Path root;
  private Path sources;
  private Path out;
  private Path nvcc;

  @BeforeEach
  void layOut() throws IOException {
    sources = Files.createDirectories(root.resolve("sources"));
    out = root.resolve("out");
    Path bin = Files.createDirectories(root.resolve("cuda/bin"));
    nvcc = Files.writeString(bin.resolve("nvcc"), STAND_IN);
    Files.setPosixFilePermissions(nvcc, PosixFilePermissions.fromString("rwxr-xr-x"));
    Files.writeString(sources.resolve("tile.cuh"), "");
    Files.writeString(sources.resolve("Add.cu"), "");
    Files.writeString(sources.resolve("Matmul.cu"), "");
    Files.writeString(sources.resolve("MatmulHopper.cu"), "");
  }

  @Test
  void everySourceIsCompiledOnceUntilItChanges() throws Exception {
    assertEquals(List.of("Add", "Matmul", "MatmulHopper"), build("80", "90a"));
    assertEquals(List.of(), build("80", "90a"));
    Files.writeString(sources.resolve("Matmul.cu"), "changed");
    assertEquals(List.of("Matmul"), build("80", "90a"));
    Files.writeString(sources.resolve("tile.cuh"), "changed");
    assertEquals(List.of("Add", "Matmul", "MatmulHopper"), build("80", "90a"));
    Files.delete(out.resolve("Add.ptx"));
    assertEquals(List.of("Add"), build("80", "90a"));
    Files.delete(out.resolve("Add.ptx90"));
    assertEquals(List.of("Add"), build("80", "90a"));
  }

  @Test
  void otherArchitecturesAreAnotherBuild() throws Exception {
    build("80", "90a");
    assertEquals(List.of("Add", "Matmul"), build("80"));
    assertFalse(Files.exists(out.resolve("MatmulHopper.fatbin")));
    assertEquals(List.of("Add", "Matmul", "MatmulHopper"), build("90a"));
  }

  @Test
  void hopperSourcesAreForHopperAlone() throws Exception {
    build("80", "90a");
    assertEquals(
        List.of("-gencode=arch=compute_80,code=[sm_80]", "-gencode=arch=compute_90,code=[sm_90a]"),
        targets("Matmul.fatbin"));
    assertEquals(
        List.of("-gencode=arch=compute_90a,code=[sm_90a]"), targets("MatmulHopper.fatbin"));
    assertFalse(Files.exists(out.resolve("MatmulHopper.ptx")));
  }

  @Test
  void ptxIsThatOfTheMachineCodeWhereThereIsSome() throws Exception {
    build("80", "90a");
    assertEquals("// kept of compute_80", firstLine("Matmul.ptx"));
    assertEquals("// kept of compute_90", firstLine("Matmul.ptx90"));
    assertEquals("// kept of compute_90a", firstLine("MatmulHopper.ptx90"));
    build("90a");
    assertEquals(List.of("-gencode=arch=compute_80,code=compute_80"), targets("Matmul.ptx"));
    assertEquals("// kept of compute_90", firstLine("Matmul.ptx90"));
    assertEquals("// kept of compute_90a", firstLine("MatmulHopper.ptx90"));
    try (Stream<Path> left = Files.list(root.resolve("work/tmp"))) {
      assertEquals(List.of(), left.toList());
    }
  }

  @Test
  void architecturesWhosePtxDiffersInItsNameAloneShareOne() throws Exception {
    build("80", "90a", "100", "120");
    assertEquals(
        List.of(
            "-gencode=arch=compute_80,code=[sm_80]",
            "-gencode=arch=compute_90,code=[sm_90a]",
            "-gencode=arch=compute_100,code=[sm_100,sm_120]"),
        targets("Matmul.fatbin"));
  }

  /** Else architectures that share PTX would have what is meant for the older one. */
  @Test
  void noSourceAsksForArchitecturesAfterHopper() throws IOException {
    Path folder = Path.of(System.getProperty("project.root"), "kernels/src/main/cuda");
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.filter(Files::isRegularFile).toList()) {
        for (String line : Files.readAllLines(file)) {
          assertTrue(
              !line.contains("__CUDA_ARCH") || line.equals("#if __CUDA_ARCH__ >= 900"),
              file + ": " + line);
        }
      }
    }
  }

  @Test
  void ptxIsMarkedForOlderDrivers() throws Exception {
    build("80");
    assertEquals(".version 8.0", Files.readAllLines(out.resolve("Add.ptx")).get(1));
    assertEquals(".target sm_80", Files.readAllLines(out.resolve("Add.ptx")).get(2));
  }

  @Test
  void resultsOfRemovedSourcesGoAndOtherFilesStay() throws Exception {
    build("80");
    Files.writeString(out.resolve("Add.class"), "");
    Files.delete(sources.resolve("Add.cu"));
    build("80");
    assertFalse(Files.exists(out.resolve("Add.fatbin")));
    assertFalse(Files.exists(out.resolve("Add.ptx")));
    assertFalse(Files.exists(out.resolve("Add.ptx90")));
    assertTrue(Files.exists(out.resolve("Add.class")));
    assertFalse(Files.readString(out.resolve("resources.json")).contains("Add"));
  }

  @Test
  void resourcesAreWrittenForSourcesThatWereNotCompiledAgainToo() throws Exception {
    build("80");
    Files.writeString(sources.resolve("Matmul.cu"), "changed");
    build("80");
    String row =
        "\"function\": \"f\", \"architecture\": \"80\", \"registers\": 40, \"sharedBytes\": 64,"
            + " \"stackBytes\": 0, \"spillStoreBytes\": 0, \"spillLoadBytes\": 0}";
    assertEquals(
        """
        {
          "nvcc": "13.0.88",
          "functions": [
            {"source": "Add", %1$s,
            {"source": "Matmul", %1$s
          ]
        }
        """
            .formatted(row),
        Files.readString(out.resolve("resources.json")));
  }

  @Test
  void anErrorOfTheCompilerIsToldAndTriedAgain() throws Exception {
    Files.writeString(sources.resolve("Add.cu"), "broken");
    for (int attempt = 0; attempt < 2; attempt++) {
      IOException error = assertThrows(CudaCompiler.CompileException.class, () -> build("80"));
      assertTrue(error.getMessage().contains("Add.cu: error: broken"), error.getMessage());
    }
    Files.writeString(sources.resolve("Add.cu"), "");
    assertEquals(List.of("Add"), build("80"));
  }

  @Test
  void productsThatTheAssemblerSerialisesFailTheBuild() throws Exception {
    Files.writeString(sources.resolve("MatmulHopper.cu"), "serialised");
    for (int attempt = 0; attempt < 2; attempt++) {
      IOException error = assertThrows(CudaCompiler.CompileException.class, () -> build("90a"));
      assertTrue(error.getMessage().startsWith("MatmulHopper.cu: expected"), error.getMessage());
      assertTrue(error.getMessage().contains("(C7510)"), error.getMessage());
      assertTrue(error.getMessage().endsWith("in function 'f'"), error.getMessage());
    }
    Files.writeString(sources.resolve("MatmulHopper.cu"), "");
    assertEquals(List.of("MatmulHopper"), build("90a"));
  }

  @Test
  void installedKernelsOfTheSameSourcesAreTaken() throws Exception {
    build("80");
    Path artifact = root.resolve("repository/orrery-kernels");
    Path jar = Files.createDirectories(artifact.resolve("1")).resolve("orrery-kernels-1.jar");
    List<String> results =
        List.of("resources.json", "sources.sha256", "Add.fatbin", "Add.ptx", "Add.ptx90");
    jar(jar, out, results);
    Path taken = Files.createDirectory(root.resolve("taken"));
    String digest = PrebuiltKernels.digest(sources, List.of("80"));
    assertEquals(Optional.of(jar), PrebuiltKernels.take(artifact, digest, taken));
    for (String name : results) {
      assertEquals(-1, Files.mismatch(out.resolve(name), taken.resolve(name)), name);
    }
    Files.writeString(sources.resolve("tile.cuh"), "changed");
    String changed = PrebuiltKernels.digest(sources, List.of("80"));
    assertEquals(Optional.empty(), PrebuiltKernels.take(artifact, changed, taken));
    assertNotEquals(digest, PrebuiltKernels.digest(sources, List.of("80", "90a")));
    assertEquals(Optional.empty(), PrebuiltKernels.take(root.resolve("none"), digest, taken));
  }

  private static void jar(Path jar, Path from, List<String> names) throws IOException {
    try (ZipOutputStream zip = new ZipOutputStream(Files.newOutputStream(jar))) {
      for (String name : names) {
        zip.putNextEntry(new ZipEntry("dev/orrery/kernels/cuda/" + name));
        Files.copy(from.resolve(name), zip);
      }
    }
  }

  @Test
  void compilersAreFoundAndMustBeNewEnough() throws Exception {
    assertEquals(new CudaCompiler(nvcc, "13.0.88"), compiler());
    Files.writeString(nvcc, "#!/bin/sh\necho 'Cuda compilation tools, release 12.4, V12.4.131'\n");
    IOException error = assertThrows(CudaCompiler.CompileException.class, this::compiler);
    assertTrue(error.getMessage().endsWith("12.8 or newer, found 12.4.131"), error.getMessage());
  }

  private List<String> build(String... architectures) throws IOException, InterruptedException {
    Path work = root.resolve("work");
    return new BuildKernels(compiler(), sources, out, work, List.of(architectures)).build();
  }

  private CudaCompiler compiler() throws IOException, InterruptedException {
    return CudaCompiler.find(Map.of("CUDA_HOME", root.resolve("cuda").toString()), root);
  }

  /** The architectures that the compiler was told to make a result for. */
  private List<String> targets(String result) throws IOException {
    return List.of(firstLine(result).split(" ")).stream()
        .filter(argument -> argument.startsWith("-gencode"))
        .toList();
  }

  private String firstLine(String result) throws IOException {
    return Files.readAllLines(out.resolve(result)).getFirst();
  }
}
