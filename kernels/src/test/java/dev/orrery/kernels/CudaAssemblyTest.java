package dev.orrery.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

/**
 * Every {@code asm} statement of the CUDA sources is written down in {@code
 * kernels/src/test/cuda/assembly.txt} below the section of the PTX ISA that it follows. The
 * emulator replaces these statements and the assembler takes many wrong ones, so that a slip in
 * them would otherwise be seen on a GPU alone; {@code CudaMistakesTest} plants some.
 */
class CudaAssemblyTest {
  private static final String TABLE = "kernels/src/test/cuda/assembly.txt";
  private static final String SECTION = "# PTX ISA, ";

  @Test
  void everyStatementIsTheOneThatWasComparedWithThePtxIsa() {
    List<String> found = new ArrayList<>();
    for (Path file : CudaAssembly.sources()) {
      found.addAll(CudaAssembly.of(file.getFileName().toString(), SourceTree.read(file)));
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
}
