package dev.orrery.kernels;

import dev.orrery.kernels.backend.Kernel;
import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Writes {@code docs/kernels.md}: a row for each operation, made of its Javadoc and of the files
 * that carry its name.
 */
final class KernelIndex {
  private static final String HEAD =
      """
      # Operations

      One row for each contract of module `kernels`. Generated from the contracts' Javadoc and from the files that exist;
      to write it anew, run `%s`. The last column lists the
      packages of module `model` that import the contract. What was measured of kernels that memory bounds on the CPU is in
      [RowKernels.md](kernels/RowKernels.md).

      | Operation | Computes | Reference | Simd | CUDA | TornadoVM | Tests | Benchmark | Notes | Used by |
      |---|---|---|---|---|---|---|---|---|---|
      """;

  /** The command that writes the index anew. */
  static final String COMMAND = "mvn -pl kernels test -Dtest=CatalogTest -Dkernels.index=write";

  private static final String NOTHING = "–";
  private static final String CUDA_SOURCES = "kernels/src/main/cuda/";

  private final Path root;

  KernelIndex(Path root) {
    this.root = root;
  }

  /** Where the index lies. */
  Path file() {
    return root.resolve("docs/kernels.md");
  }

  /** Every contract of the module, found among its compiled classes, by package and name. */
  static List<Class<? extends Kernel>> contracts() throws IOException, URISyntaxException {
    Path classes =
        Path.of(Kernel.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    try (Stream<Path> files = Files.walk(classes)) {
      return files
          .map(file -> classes.relativize(file).toString())
          .filter(name -> name.endsWith(".class") && !name.endsWith("module-info.class"))
          .map(name -> name.replace(".class", "").replace(File.separatorChar, '.'))
          .map(KernelIndex::load)
          .filter(type -> type.isInterface() && type != Kernel.class)
          .filter(Kernel.class::isAssignableFrom)
          .<Class<? extends Kernel>>map(type -> type.asSubclass(Kernel.class))
          .sorted(Comparator.comparing(Class::getName))
          .toList();
    }
  }

  /** The text that the index should have. */
  String generate(List<Class<? extends Kernel>> contracts) {
    StringBuilder text = new StringBuilder(HEAD.formatted(COMMAND));
    for (Class<? extends Kernel> contract : contracts) {
      text.append(row(contract)).append('\n');
    }
    return text.toString();
  }

  private String row(Class<? extends Kernel> contract) {
    String name = contract.getSimpleName();
    String family = contract.getPackageName().replace('.', '/');
    String main = "kernels/src/main/java/" + family + "/";
    String test = "kernels/src/test/java/" + family + "/";
    String definition = SourceTree.read(root.resolve(main + name + ".java"));
    String reference = link(main + name + "Cpu.java", name + "Cpu").orElse(NOTHING);
    // An operation without a fast version of its own has one implementation in both backends.
    String simd = link(main + name + "Simd.java", name + "Simd").orElse(reference);
    return "| "
        + String.join(
            " | ",
            link(main + name + ".java", name).orElseThrow(),
            firstSentence(name, definition),
            reference,
            simd,
            cuda(main, name),
            link(main + name + "Tornado.java", name + "Tornado").orElse(NOTHING),
            links(
                List.of(
                    link(test + name + "Test.java", name + "Test"),
                    link(test + name + "CudaTest.java", name + "CudaTest"),
                    link(test + name + "TornadoTest.java", name + "TornadoTest"))),
            benchmark(name).orElse(NOTHING),
            link("docs/kernels/" + name + ".md", name + ".md").orElse(NOTHING),
            users(contract))
        + " |";
  }

  /**
   * The launcher and the sources it launches: those of the operation's name, or of the operation
   * that its name begins with.
   */
  private String cuda(String main, String name) {
    String stem = name;
    while (!Files.exists(root.resolve(CUDA_SOURCES + stem + ".cu"))) {
      stem = stem.substring(0, stem.length() - 1);
    }
    return links(
        List.of(
            link(main + name + "Cuda.java", name + "Cuda"),
            link(CUDA_SOURCES + stem + ".cu", stem + ".cu"),
            link(CUDA_SOURCES + stem + "Hopper.cu", stem + "Hopper.cu")));
  }

  private static String links(List<Optional<String>> links) {
    String text = links.stream().flatMap(Optional::stream).collect(Collectors.joining(", "));
    return text.isEmpty() ? NOTHING : text;
  }

  private Optional<String> benchmark(String name) {
    return SourceTree.javaFiles(root.resolve("benchmarks/src")).stream()
        .filter(file -> file.endsWith(name + "Benchmark.java"))
        .findFirst()
        .map(file -> root.relativize(file).toString().replace(File.separatorChar, '/'))
        .flatMap(path -> link(path, name + "Benchmark"));
  }

  /** The packages of module model that import a contract. */
  private String users(Class<? extends Kernel> contract) {
    Path model = root.resolve("model/src/main/java/dev/orrery/model");
    String packages =
        SourceTree.javaFiles(model).stream()
            .filter(file -> SourceTree.read(file).contains("import " + contract.getName() + ";"))
            .map(file -> "`" + model.relativize(file).getName(0) + "`")
            .distinct()
            .collect(Collectors.joining(", "));
    return packages.isEmpty() ? NOTHING : packages;
  }

  /** A link to a file of the project, as seen from the index; empty if there is no such file. */
  private Optional<String> link(String path, String label) {
    return Files.exists(root.resolve(path))
        ? Optional.of("[" + label + "](../" + path + ")")
        : Optional.empty();
  }

  /**
   * First sentence of the Javadoc of an interface, as a cell of a table.
   *
   * @param name the interface
   * @param source its source file
   * @throws IllegalStateException if it has no Javadoc or that has no full stop
   */
  static String firstSentence(String name, String source) {
    int declaration = source.indexOf("public interface " + name);
    int start = source.lastIndexOf("/**", declaration);
    int end = source.indexOf("*/", Math.max(start, 0));
    if (start < 0 || end > declaration) {
      throw new IllegalStateException(name + " has no Javadoc");
    }
    String text = source.substring(start + 3, end).replaceAll("\\n\\s*\\*", " ");
    text = text.replaceAll("\\s+", " ").strip();
    return sentence(name, text).replace("&lt;", "<").replace("|", "\\|");
  }

  /** Text up to the first full stop outside inline tags, these turned into code spans. */
  private static String sentence(String name, String text) {
    StringBuilder sentence = new StringBuilder();
    int depth = 0;
    for (int i = 0; i < text.length(); i++) {
      char c = text.charAt(i);
      if (c == '{' && depth++ == 0) {
        i = text.indexOf(' ', i);
        sentence.append('`');
      } else if (c == '}' && --depth == 0) {
        sentence.append('`');
      } else {
        sentence.append(c);
      }
      boolean wordEnds = i + 1 == text.length() || text.charAt(i + 1) == ' ';
      if (c == '.' && depth == 0 && wordEnds) {
        return sentence.toString();
      }
    }
    throw new IllegalStateException(name + ": the Javadoc has no full stop");
  }

  private static Class<?> load(String name) {
    try {
      return Class.forName(name, false, KernelIndex.class.getClassLoader());
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e);
    }
  }
}
