package dev.orrery.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/**
 * Dependencies point one way, between the modules and between the packages of each module that has
 * several. Every mention of a package counts, in imports, in code and in Javadoc.
 */
class ModuleDependencyTest {
  /** What each module may name. Command line and benchmarks stand on top: nobody may name them. */
  private static final Map<String, Set<String>> ALLOWED =
      Map.of(
          "kernels", Set.of("kernels"),
          "runtime", Set.of("kernels", "runtime"),
          "model", Set.of("kernels", "runtime", "model"),
          "video", Set.of("kernels", "runtime", "model", "video"),
          "play", Set.of("kernels", "runtime", "model", "video", "play"),
          "weights-tools", Set.of("kernels", "runtime", "model", "weights"));

  private static final Pattern MODULE = Pattern.compile("\\bdev\\.orrery\\.(\\w+)");

  private static final String ROOT = "(root)";

  /**
   * The packages of a module's root package in levels, the lowest first: each may name those of
   * lower levels only, not even its neighbours.
   *
   * @param module the module
   * @param root its root package below {@code dev.orrery}
   */
  private record Levels(String module, String root, List<Set<String>> levels) {}

  private static final List<Levels> LEVELS =
      List.of(
          new Levels(
              "model",
              "model",
              List.of(
                  Set.of("layers", "sampling", "text"),
                  Set.of("t5"),
                  Set.of(
                      "byt5", "camera", "clip", "genie", "klvae", "magvit2", "qwen", "taehv",
                      "umt5", "vae"),
                  Set.of("hunyuanvae", "vae22"),
                  Set.of("session"),
                  Set.of("family", "siglip"),
                  Set.of("wan"),
                  Set.of("genie1x", "jafar", "matrixgame2", "oasis", "vid2world", "worldplay"),
                  Set.of("worldplayhy"),
                  Set.of(ROOT))),
          new Levels(
              "cli", "cli", List.of(Set.of("command", "plot"), Set.of("weights"), Set.of(ROOT))),
          new Levels(
              "weights-tools",
              "weights",
              List.of(
                  Set.of("compare", "hub", "torch"),
                  Set.of("source"),
                  Set.of("report", "synthesize"),
                  Set.of("verify"),
                  Set.of("convert", "quantize"))));

  /**
   * Support packages from the lowest on; the families of operations come next, and the root on top.
   */
  private static final List<String> SUPPORT =
      List.of("tensor", "backend", "cpu", "cuda", "tornado");

  @Test
  void modulesDependOnLowerModulesOnly() {
    List<String> faults = new ArrayList<>();
    ALLOWED.forEach(
        (module, allowed) -> {
          Path folder = SourceTree.root().resolve(module);
          assertTrue(Files.isDirectory(folder), "no module " + module);
          for (Path file : SourceTree.javaFiles(folder.resolve("src"))) {
            Matcher mention = MODULE.matcher(SourceTree.read(file));
            while (mention.find()) {
              if (!allowed.contains(mention.group(1))) {
                faults.add(SourceTree.root().relativize(file) + " names " + mention.group());
              }
            }
          }
        });
    assertEquals(List.of(), faults);
  }

  @Test
  void packagesOfKernelsDependOnLowerPackagesOnly() {
    List<String> faults = new ArrayList<>();
    packages()
        .forEach(
            (from, targets) -> {
              for (String to : targets) {
                boolean families = level(from) == level(to);
                if (level(to) > level(from) || families && SUPPORT.contains(from)) {
                  faults.add(from + " names " + to);
                }
              }
            });
    assertEquals(List.of(), faults);
  }

  /** Takes away packages that name no other one, until none is left; what stays is a cycle. */
  @Test
  void packagesOfKernelsHaveNoCycles() {
    Map<String, Set<String>> packages = packages();
    boolean progress = true;
    while (progress) {
      Set<String> rest = packages.keySet();
      packages.values().forEach(targets -> targets.retainAll(rest));
      progress = packages.values().removeIf(Set::isEmpty);
    }
    assertEquals(Map.of(), packages);
  }

  @Test
  void packagesOfModulesDependOnLowerLevelsOnly() {
    List<String> faults = new ArrayList<>();
    for (Levels levels : LEVELS) {
      Map<String, Integer> levelOf = new TreeMap<>();
      for (int level = 0; level < levels.levels().size(); level++) {
        for (String name : levels.levels().get(level)) {
          levelOf.put(name, level);
        }
      }
      Map<String, Set<String>> packages = packages(levels.module(), levels.root());
      assertEquals(levelOf.keySet(), packages.keySet(), "packages of " + levels.module());
      packages.forEach(
          (from, targets) ->
              targets.stream()
                  .filter(to -> levelOf.get(to) >= levelOf.get(from))
                  .forEach(to -> faults.add(levels.module() + ": " + from + " names " + to)));
    }
    assertEquals(List.of(), faults);
  }

  /** Programs and tools know families by what all of them share. */
  @Test
  void aboveModelNoFamilyIsNamed() {
    Pattern family = Pattern.compile("\\bdev\\.orrery\\.model\\.(matrixgame2|worldplay)\\b");
    List<String> faults = new ArrayList<>();
    for (String module :
        List.of("cli", "video", "play", "weights-tools", "benchmarks", "examples")) {
      for (Path file : SourceTree.javaFiles(SourceTree.root().resolve(module))) {
        // These measure a step that is WorldPlay's own, and blocks of one family each.
        boolean allowed =
            file.endsWith("MemoryRetrievalBenchmark.java")
                || file.toString().endsWith("PeerBlock.java");
        boolean main = file.toString().contains("src/main");
        if (main && !allowed && family.matcher(SourceTree.read(file)).find()) {
          faults.add(SourceTree.root().relativize(file).toString());
        }
      }
    }
    assertEquals(List.of(), faults);
  }

  private static Map<String, Set<String>> packages() {
    return packages("kernels", "kernels");
  }

  /** Which packages each package of a module names, itself left out. */
  private static Map<String, Set<String>> packages(String module, String root) {
    Path sources = SourceTree.root().resolve(module + "/src/main/java/dev/orrery/" + root);
    List<Path> files = SourceTree.javaFiles(sources);
    assertFalse(files.isEmpty(), "no sources of " + module + " found");
    Pattern mentioned =
        Pattern.compile("\\bdev\\.orrery\\." + root + "(?:\\.([a-z]\\w*)|\\.[A-Z])");
    Map<String, Set<String>> packages = new TreeMap<>();
    for (Path file : files) {
      Path folder = sources.relativize(file).getParent();
      String from = folder == null ? ROOT : folder.getName(0).toString();
      Set<String> targets = packages.computeIfAbsent(from, key -> new TreeSet<>());
      Matcher mention = mentioned.matcher(SourceTree.read(file));
      while (mention.find()) {
        targets.add(mention.group(1) == null ? ROOT : mention.group(1));
      }
      targets.remove(from);
    }
    return packages;
  }

  private static int level(String name) {
    if (name.equals(ROOT)) {
      return SUPPORT.size() + 1;
    }
    return SUPPORT.contains(name) ? SUPPORT.indexOf(name) : SUPPORT.size();
  }
}
