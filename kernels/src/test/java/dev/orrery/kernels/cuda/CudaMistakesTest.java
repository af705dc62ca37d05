package dev.orrery.kernels.cuda;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.CudaAssembly;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Mistakes that a compiler takes without a word and that would cost days on a GPU. Each is planted
 * here and found without one, or docs/cuda.md says that nothing finds it and why.
 */
class CudaMistakesTest {
  private static final String PAGE = "docs/cuda.md";
  private static final String HEADING = "## Mistakes, and what finds them";
  private static final Pattern ROW = Pattern.compile("\\| (.+?) \\| (.+?) \\|");
  private static final Pattern TEST = Pattern.compile("`(\\w+Test)`");

  /**
   * A mistake in a primitive, which the emulator replaces.
   *
   * @param name as docs/cuda.md has it
   * @param file a header of kernels/src/main/cuda
   */
  private record Slip(String name, String file, String found, String replacement) {
    @Override
    public String toString() {
      return name;
    }
  }

  /**
   * A mistake in the use of primitives.
   *
   * @param name as docs/cuda.md has it
   */
  private record Misuse(String name, PlantedBug bug) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Slip> slips() {
    return Stream.of(
        hopper("operand a transposed", "add, 1, 1, 0, %\" #p3", "add, 1, 1, 1, %\" #p3"),
        hopper(
            "descriptors of a and b swapped",
            ", %\" #p0 \", %\" #p1 \", add, 1, 1, 0",
            ", %\" #p1 \", %\" #p0 \", add, 1, 1, 0"),
        hopper(
            "operands of an asm statement swapped",
            "\"l\"(a), \"l\"(b), \"r\"(accumulate), \"n\"",
            "\"l\"(b), \"l\"(a), \"r\"(accumulate), \"n\""),
        hopper("operand b negated", "add, 1, 1, %\" #p6", "add, 1, -1, %\" #p6"),
        hopper("sums out of order", "%17, %18", "%18, %17"),
        hopper("places of a macro's operands swapped", "192, 96, 97, 98", "192, 96, 98, 97"),
        hopper("wgmma.fence left out of `wgmma_fence`", "\"wgmma.fence.sync.aligned;\"", "\"\""),
        hopper(
            "wgmma.wait_group left out of `wgmma_wait`",
            "\"wgmma.wait_group.sync.aligned %0;\"",
            "\"\""),
        hopper(
            "x and y of a box swapped",
            "\"r\"(x), \"r\"(y), \"r\"(barrier)",
            "\"r\"(y), \"r\"(x), \"r\"(barrier)"),
        hopper(
            "x and y of a box swapped",
            "*map, int x, int y, uint32_t",
            "*map, int y, int x, uint32_t"),
        hopper(
            "setmaxnreg.inc in the place of dec in `registers_decrease`",
            "setmaxnreg.dec",
            "setmaxnreg.inc"),
        hopper("fence.mbarrier_init left out", "fence.mbarrier_init.release.cluster;", ""),
        hopper(
            "a clobber of memory left out",
            "bar.sync %0, %1;\" ::\"r\"(id), \"r\"(threads) : \"memory\"",
            "bar.sync %0, %1;\" ::\"r\"(id), \"r\"(threads)"),
        hopper("not volatile", "asm volatile(\"wgmma.commit", "asm(\"wgmma.commit"),
        tile(
            "another cache operator",
            "cp.async.cg.shared.global [%0], [%1], 16",
            "cp.async.ca.shared.global [%0], [%1], 16"),
        hopper(
            "`.multicast::cluster` left out of `tma_multicast_2d`",
            "\".multicast::cluster [%0]",
            "\" [%0]"),
        hopper("operands of `mapa` swapped", "u32 remote, %0, %1", "u32 remote, %1, %0"),
        hopper(
            "an arrival at another block's barrier that waits for all writes of its thread",
            "mbarrier.arrive.shared::cluster",
            "mbarrier.arrive.release.cluster.shared::cluster"),
        new Slip(
            "griddepcontrol.launch_dependents in the place of wait",
            "kernel_order.cuh",
            "griddepcontrol.wait",
            "griddepcontrol.launch_dependents"),
        tile("a function of another precision", "ex2.approx.ftz.f32", "ex2.approx.f32"));
  }

  private static Slip hopper(String name, String found, String replacement) {
    return new Slip(name, "hopper.cuh", found, replacement);
  }

  private static Slip tile(String name, String found, String replacement) {
    return new Slip(name, "tile.cuh", found, replacement);
  }

  /** Pinned, they are found by {@link dev.orrery.kernels.CudaAssemblyTest}. */
  @ParameterizedTest
  @MethodSource("slips")
  void slipsAreNotWhatIsPinned(Slip slip) throws IOException {
    String source = Files.readString(root().resolve("kernels/src/main/cuda/" + slip.file()));
    assertTrue(source.contains(slip.found()), slip.file() + " does not hold " + slip.found());
    assertNotEquals(
        CudaAssembly.of(slip.file(), source),
        CudaAssembly.of(slip.file(), source.replace(slip.found(), slip.replacement())));
  }

  static Stream<Misuse> misuses() {
    return Stream.of(
        early(
            "global memory read before the wait for the kernel before",
            "Reverse",
            "  wait_for_previous_kernel();\n  values[threadIdx.x] = x[threadIdx.x];\n",
            "  values[threadIdx.x] = x[threadIdx.x];\n  wait_for_previous_kernel();\n",
            "global memory is read before"),
        early(
            "global memory written before the wait for the kernel before",
            "Reverse",
            "  wait_for_previous_kernel();\n",
            "  out[threadIdx.x] = 0;\n  wait_for_previous_kernel();\n",
            "global memory is written before"),
        early(
            "copies started before the wait for the kernel before",
            "PipelinedMatmul",
            "  wait_for_previous_kernel();\n",
            "  load(0);\n  wait_for_previous_kernel();\n",
            "cp.async before"),
        early(
            "copies started before the wait for the kernel before",
            "TmaMatmulHopper",
            "  wait_for_previous_kernel();\n",
            "  if (threadIdx.x != kConsumers) wait_for_previous_kernel();\n",
            "TMA before"),
        early(
            "threads that end without the wait for the kernel before",
            "TmaMatmulHopper",
            "  wait_for_previous_kernel();\n",
            "  if (threadIdx.x <= kConsumers) wait_for_previous_kernel();\n",
            "a thread ended without"),
        misuse("no `wgmma_fence`", "wgmma_fence();", "", "no wgmma_fence"),
        misuse("no `wgmma_wait`", "wgmma_wait<0>();", "", "shared memory race"),
        misuse("no `wgmma_hold`", "wgmma_hold(sums);", "", "without wgmma_hold"),
        misuse(
            "a base offset or a reserved bit in a descriptor",
            "constexpr uint64_t kSwizzle128 = uint64_t(1) << 62;",
            "constexpr uint64_t kSwizzle128 = uint64_t(1) << 62 | uint64_t(1) << 49;",
            "reserved bits 0x2000000000000"),
        misuse(
            "a fragment changed in flight",
            "wgmma_commit();",
            "wgmma_commit();\n    if (kRegisters) load_fragment(fragments[0], shared, 0);",
            "fragment of a wgmma that is in flight"),
        misuse(
            "sums scaled in flight",
            "wgmma_commit();",
            "wgmma_commit();\n    for (auto &sum : sums) sum *= 2;",
            "sums of a wgmma that is in flight"),
        misuse(
            "an `.aligned` instruction in both branches",
            "ldmatrix_x4(a, tile + row * 128 + (chunk ^ (row % 8)) * 16);",
            """
            if (threadIdx.x % 2 == 0) {
                ldmatrix_x4(a, tile + row * 128 + (chunk ^ (row % 8)) * 16);
              } else {
                ldmatrix_x4(a, tile + row * 128 + (chunk ^ (row % 8)) * 16);
                a[0] ^= 1;  // or g++ makes one call of the two
              }""",
            "lanes are at ldmatrix in different places"));
  }

  private static Misuse early(
      String name, String stem, String found, String replacement, String report) {
    String call = " wait_for_previous_kernel";
    return new Misuse(name, new PlantedBug(stem, found, replacement, report + call));
  }

  private static Misuse misuse(String name, String found, String replacement, String report) {
    return new Misuse(name, new PlantedBug("TmaMatmulHopper", found, replacement, report));
  }

  @ParameterizedTest
  @MethodSource("misuses")
  @DisabledIfSystemProperty(named = "requireGpu", matches = "true")
  void misusesAreReported(Misuse misuse) {
    new PlantedBugTest().plantedBugsAreFound(misuse.bug());
  }

  /** Tiles with the 128-byte swizzle begin where it does, wherever a kernel's other memory lies. */
  @Test
  void sharedMemoryBeginsWhereTheSwizzleDoes() throws IOException {
    List<String> declarations = new ArrayList<>();
    try (Stream<Path> files = Files.list(root().resolve("kernels/src/main/cuda"))) {
      for (Path file : files.filter(f -> f.toString().matches(".*\\.cuh?")).toList()) {
        Files.readAllLines(file).stream()
            .filter(line -> line.contains("extern __shared__"))
            .map(line -> line.replace("\\", "").strip())
            .forEach(declarations::add);
      }
    }
    assertEquals(
        List.of("extern __shared__ __align__(1024) unsigned char dyn_smem_raw[];"), declarations);
  }

  /** The page has a row for each, and the tests that it names exist. */
  @Test
  void thePageNamesEachMistakeAndWhatFindsIt() throws IOException {
    String page = Files.readString(root().resolve(PAGE));
    int start = page.indexOf(HEADING);
    assertTrue(start >= 0, PAGE + " has no section " + HEADING);
    int end = page.indexOf("\n## ", start);
    Set<String> byThisTest = new TreeSet<>();
    for (String line : page.substring(start, end).lines().toList()) {
      Matcher row = ROW.matcher(line);
      if (!row.matches() || row.group(1).equals("Mistake")) {
        continue;
      }
      String finder = row.group(2);
      Matcher test = TEST.matcher(finder);
      List<String> named = test.results().map(found -> found.group(1)).toList();
      assertTrue(!named.isEmpty() || finder.startsWith("nothing: "), line);
      named.forEach(name -> assertTrue(tests().contains(name), "there is no " + name));
      if (named.contains("CudaMistakesTest")) {
        byThisTest.add(row.group(1));
      }
    }
    Set<String> planted = new TreeSet<>();
    slips().forEach(slip -> planted.add(slip.name()));
    misuses().forEach(misuse -> planted.add(misuse.name()));
    planted.add("dynamic shared memory that is not aligned to 1024 bytes");
    assertEquals(planted, byThisTest);
  }

  private static Set<String> tests() {
    try (Stream<Path> files = Files.walk(root())) {
      Set<String> names = new HashSet<>();
      files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.endsWith("Test.java"))
          .forEach(name -> names.add(name.replace(".java", "")));
      return names;
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  private static Path root() {
    return Path.of(System.getProperty("project.root"));
  }
}
