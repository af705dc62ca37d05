package dev.orrery.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/**
 * Every {@code asm} statement of the CUDA sources is written down in {@code
 * kernels/src/test/cuda/assembly.txt} below the section of the PTX ISA that it follows. The
 * emulator replaces these statements and the assembler takes many wrong ones, so that a slip in
 * them would otherwise be seen on a GPU alone.
 */
class CudaAssemblyTest {
  private static final String TABLE = "kernels/src/test/cuda/assembly.txt";
  private static final String SECTION = "# PTX ISA, ";

  @Test
  void everyStatementIsTheOneThatWasComparedWithThePtxIsa() throws IOException {
    List<String> found = new ArrayList<>();
    Map<String, CudaMacros.Macro> headers = headers();
    for (Path file : sources()) {
      found.addAll(CudaAssembly.of(file.getFileName().toString(), SourceTree.read(file), headers));
    }
    List<String> pinned = pinned();
    List<String> unknown = without(found, pinned);
    List<String> gone = without(pinned, found);
    assertTrue(
        unknown.isEmpty() && gone.isEmpty(),
        () ->
            """
            the asm statements of kernels/src/main/cuda are not those of %s.
            Neither the emulator nor the assembler sees a wrong operand in them: compare each one,
            operand by operand, with its section of the PTX ISA, then copy it into the table below
            that section, and verify the kernels on a GPU (./gpu) when there is one.
            Only in the sources:
            %s
            Only in the table:
            %s"""
                .formatted(TABLE, String.join("\n", unknown), String.join("\n", gone)));
  }

  /** Slips that assemble without a remark and that the emulator cannot see. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "a transposed | add, 1, 1, 0, %\" #p3 | add, 1, 1, 1, %\" #p3",
        "descriptors swapped | , %\" #p0 \", %\" #p1 \", add, 1, 1, 0 "
            + "| , %\" #p1 \", %\" #p0 \", add, 1, 1, 0",
        "operands swapped | \"l\"(a), \"l\"(b), \"r\"(accumulate), \"n\" "
            + "| \"l\"(b), \"l\"(a), \"r\"(accumulate), \"n\"",
        "b negated | add, 1, 1, %\" #p6 | add, 1, -1, %\" #p6",
        "sums out of order | %17, %18 | %18, %17",
        "a wrong place in a macro's call | 192, 96, 97, 98 | 192, 96, 98, 97",
        "x and y swapped | \"r\"(x), \"r\"(y), \"r\"(barrier) | \"r\"(y), \"r\"(x), \"r\"(barrier)",
        "parameters swapped | *map, int x, int y, uint32_t | *map, int y, int x, uint32_t",
        "registers taken, not given | setmaxnreg.dec | setmaxnreg.inc",
        "a clobber dropped | bar.sync %0, %1;\" ::\"r\"(id), \"r\"(threads) : \"memory\" "
            + "| bar.sync %0, %1;\" ::\"r\"(id), \"r\"(threads)",
        "not volatile | asm volatile(\"wgmma.commit | asm(\"wgmma.commit",
      })
  void slipsAreSeen(String slip, String found, String replacement) throws IOException {
    String source = SourceTree.read(folder().resolve("hopper.cuh"));
    assertTrue(source.contains(found), slip + ": hopper.cuh does not hold " + found);
    Map<String, CudaMacros.Macro> headers = headers();
    assertNotEquals(
        CudaAssembly.of("hopper.cuh", source, headers),
        CudaAssembly.of("hopper.cuh", source.replace(found, replacement), headers),
        slip);
  }

  @Test
  void macrosAreExpandedAndRunsWrittenShort() {
    String source =
        """
        #define SUMS(i) "+f"(d[i]), "+f"(d[i + 1]), "+f"(d[i + 2]), "+f"(d[i + 3])
        #define SUMS_8 SUMS(0), SUMS(0 + 4)
        #define PRODUCT(T, type, n, p0)                                     \\
          template <>                                                       \\
          struct Product<T> {                                               \\
            static void run(float (&d)[n], int a) {                         \\
              for (int i = 0; i < 1; i++) {                                 \\
                asm volatile("mma." type "\\n\\t" "{%0, %1, %2, %3, %4, %5, " \\
                             "%6, %7}, %" #p0 ";" : SUMS_##n : "r"(a));     \\
              }                                                             \\
            }                                                               \\
          };
        PRODUCT(half, "f16", 8, 8)  // asm("in a comment");
        """;
    assertEquals(
        List.of(
            """
            a.cuh: Product<half>::run(float(&d)[8], int a)
              volatile "mma.f16 {%0..%7}, %8;"
              out +f d[0..7]; in r a"""),
        CudaAssembly.of("a.cuh", source, Map.of()));
  }

  /** The statements of the table. Each must stand below a section. */
  private static List<String> pinned() {
    List<String> pinned = new ArrayList<>();
    String section = null;
    for (String line : SourceTree.read(SourceTree.root().resolve(TABLE)).lines().toList()) {
      if (line.startsWith("#")) {
        section = line.startsWith(SECTION) ? line : section;
      } else if (line.startsWith("  ")) {
        pinned.add(pinned.removeLast() + "\n" + line);
      } else if (!line.isEmpty()) {
        assertTrue(section != null, TABLE + ": expected '" + SECTION + "' above " + line);
        pinned.add(line);
      }
    }
    return pinned;
  }

  private static List<String> without(List<String> all, List<String> some) {
    List<String> rest = new ArrayList<>(all);
    some.forEach(rest::remove);
    return rest;
  }

  private static Map<String, CudaMacros.Macro> headers() throws IOException {
    Map<String, CudaMacros.Macro> macros = new HashMap<>();
    for (Path file : sources()) {
      if (file.toString().endsWith(".cuh")) {
        macros.putAll(CudaMacros.defined(SourceTree.read(file)));
      }
    }
    return macros;
  }

  private static List<Path> sources() throws IOException {
    try (Stream<Path> files = Files.walk(folder())) {
      return files.filter(file -> file.toString().matches(".*\\.cuh?")).sorted().toList();
    }
  }

  private static Path folder() {
    return SourceTree.root().resolve("kernels/src/main/cuda");
  }
}
