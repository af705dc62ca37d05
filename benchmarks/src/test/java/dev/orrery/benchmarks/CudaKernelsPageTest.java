package dev.orrery.benchmarks;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.orrery.runtime.checkpoint.JsonValue;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** The page of CUDA kernels is what code and compiler give. */
class CudaKernelsPageTest {
  private static final Path CHECKOUT = Path.of(System.getProperty("project.root"));
  private static final String WRITE =
      "; after a build with nvcc, write it with: " + CudaKernelsPage.COMMAND;

  @Test
  void pageIsUpToDate() throws IOException {
    Path page = CudaKernelsPage.file(CHECKOUT);
    String found = Files.exists(page) ? Files.readString(page).replace("\r\n", "\n") : "";
    assertEquals(
        CudaKernelsPage.text(CHECKOUT), found, "docs/cuda-kernels.md is out of date" + WRITE);
  }

  /** Only the same compiler gives the same numbers. */
  @Test
  void storedNumbersAreThoseOfThisBuild() throws IOException {
    JsonValue stored = JsonValue.read(CHECKOUT.resolve(CudaKernelsPage.RESULTS));
    String built = CudaKernelsPage.built().orElse(null);
    assumeTrue(built != null, "the kernels were built without nvcc");
    JsonValue fresh = JsonValue.parse("resources.json", built.getBytes(StandardCharsets.UTF_8));
    assumeTrue(
        fresh.string("nvcc").equals(stored.string("nvcc")),
        "nvcc is not that of the stored numbers, " + stored.string("nvcc"));
    Set<String> architectures = Set.copyOf(column(fresh, "architecture"));
    List<String> rows = rows(stored, architectures);
    assertEquals(
        String.join("\n", rows),
        String.join("\n", rows(fresh, architectures)),
        CudaKernelsPage.RESULTS + " is out of date" + WRITE);
  }

  @Test
  void functionsBecomeRows() {
    String stored =
        """
        {"nvcc": "13.0.88", "functions": [
          {"source": "Add", "function": "add_f32", "architecture": "120", "registers": 1,
           "sharedBytes": 2, "stackBytes": 0, "spillStoreBytes": 3, "spillLoadBytes": 4},
          {"source": "Add", "function": "add_f32", "architecture": "90a", "registers": 40,
           "sharedBytes": 64, "stackBytes": 0, "spillStoreBytes": 5, "spillLoadBytes": 6}]}
        """;
    String row =
        "| `add_f32` | [Add.cu](../kernels/src/main/cuda/Add.cu) | – | 40 | – | 64 | – | 11 |";
    String table =
        CudaKernelsPage.functions(
            JsonValue.parse("resources.json", stored.getBytes(StandardCharsets.UTF_8)));
    assertTrue(table.lines().anyMatch(row::equals), table);
  }

  private static List<String> rows(JsonValue resources, Set<String> architectures) {
    return resources.get("functions").asList().stream()
        .filter(row -> architectures.contains(row.string("architecture")))
        .map(
            row ->
                "%s.cu, %s, sm_%s: %d registers, %d bytes shared, stack %d, spills %d and %d"
                    .formatted(
                        row.string("source"),
                        row.string("function"),
                        row.string("architecture"),
                        row.integer("registers"),
                        row.integer("sharedBytes"),
                        row.integer("stackBytes"),
                        row.integer("spillStoreBytes"),
                        row.integer("spillLoadBytes")))
        .sorted()
        .toList();
  }

  private static List<String> column(JsonValue resources, String name) {
    return resources.get("functions").asList().stream()
        .map(row -> row.string(name))
        .collect(Collectors.toList());
  }
}
