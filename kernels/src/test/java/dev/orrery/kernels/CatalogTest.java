package dev.orrery.kernels;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.backend.MissingKernelException;
import dev.orrery.kernels.cuda.CudaTestDevice;
import dev.orrery.kernels.tornado.TornadoHarness;
import java.lang.reflect.Method;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.platform.commons.annotation.Testable;
import org.junit.platform.commons.support.AnnotationSupport;
import org.junit.platform.commons.support.HierarchyTraversalMode;
import org.junit.platform.commons.support.ReflectionSupport;

/** Every operation has all its parts, under one name, and the index of operations is up to date. */
class CatalogTest {
  /** No model that runs in fp32 and int8 needs these. */
  private static final Set<String> WITHOUT_TORNADO =
      Set.of("GatedResidual", "Softmax", "MatmulInt4", "MatmulFp8", "AttentionInt8");

  @Test
  void referenceBackendListsEveryOperation() throws Exception {
    List<String> faults = new ArrayList<>();
    try (CpuBackend backend = CpuBackend.reference(1)) {
      for (Class<? extends Kernel> contract : contracts()) {
        listed(backend, contract, contract.getName() + "Cpu").ifPresent(faults::add);
      }
    }
    assertEquals(List.of(), faults);
  }

  /** A fast implementation, or the reference where one implementation serves both backends. */
  @Test
  void simdBackendListsEveryOperation() throws Exception {
    List<String> faults = new ArrayList<>();
    try (CpuBackend backend = CpuBackend.simd(1)) {
      for (Class<? extends Kernel> contract : contracts()) {
        String fast = contract.getName() + "Simd";
        String expected = exists(fast) ? fast : contract.getName() + "Cpu";
        listed(backend, contract, expected).ifPresent(faults::add);
      }
    }
    assertEquals(List.of(), faults);
  }

  @Test
  void cudaBackendListsEveryOperation() throws Exception {
    List<String> faults = new ArrayList<>();
    CudaBackend backend = CudaTestDevice.open(80);
    for (Class<? extends Kernel> contract : contracts()) {
      listed(backend, contract, contract.getName() + "Cuda").ifPresent(faults::add);
    }
    assertEquals(List.of(), faults);
  }

  @Test
  void tornadoBackendListsEveryOperationButThoseNobodyNeedsThere() throws Exception {
    List<String> faults = new ArrayList<>();
    try (TornadoBackend backend = TornadoHarness.open()) {
      for (Class<? extends Kernel> contract : contracts()) {
        if (WITHOUT_TORNADO.contains(contract.getSimpleName())) {
          assertThrows(MissingKernelException.class, () -> backend.kernel(contract));
        } else {
          listed(backend, contract, contract.getName() + "Tornado").ifPresent(faults::add);
        }
      }
    }
    assertEquals(List.of(), faults);
  }

  @Test
  void everyOperationHasATest() throws Exception {
    List<String> missing =
        contracts().stream()
            .flatMap(
                contract ->
                    Stream.of("Test", "CudaTest", "TornadoTest")
                        .filter(end -> !end.startsWith("Tornado") || hasTornado(contract))
                        .map(end -> contract.getName() + end))
            .filter(name -> !exists(name) || !hasTestMethod(name))
            .toList();
    assertEquals(List.of(), missing);
  }

  @Test
  void everyOperationHasABenchmark() throws Exception {
    Path benchmarks = SourceTree.root().resolve("benchmarks/src/main/java/dev/orrery/benchmarks");
    List<String> missing = new ArrayList<>();
    for (Class<? extends Kernel> contract : contracts()) {
      String name = contract.getSimpleName();
      Path file = benchmarks.resolve(name + "Benchmark.java");
      if (!Files.exists(file) || !SourceTree.read(file).contains("kernel(" + name + ".class)")) {
        missing.add(name + "Benchmark");
      }
    }
    assertEquals(List.of(), missing);
  }

  /**
   * Results of PyTorch for every operation, without exception. That they are compared with the
   * kernels, and all of them, is up to OperationGoldenTest of module model.
   */
  @Test
  void everyOperationHasAGoldenFixture() throws Exception {
    Path fixture =
        SourceTree.root().resolve("model/src/test/resources/golden/kernels/kernels.safetensors");
    // Names of tensors stand in the header, which is text.
    String names = Files.readString(fixture, StandardCharsets.ISO_8859_1);
    List<String> missing =
        contracts().stream()
            .map(Class::getSimpleName)
            .filter(name -> !names.contains("\"" + name + "."))
            .toList();
    assertEquals(List.of(), missing);
  }

  @Test
  void indexIsUpToDate() throws Exception {
    KernelIndex index = new KernelIndex(SourceTree.root());
    String expected = index.generate(contracts());
    if ("write".equals(System.getProperty("kernels.index"))) {
      Files.createDirectories(index.file().getParent());
      Files.writeString(index.file(), expected);
    }
    String found = Files.exists(index.file()) ? SourceTree.read(index.file()) : "";
    List<String> changed = new ArrayList<>(expected.lines().toList());
    changed.removeAll(found.lines().toList());
    assertTrue(
        expected.equals(found),
        "docs/kernels.md is out of date; write it with: "
            + KernelIndex.COMMAND
            + "\nNew or changed lines: "
            + changed);
  }

  @Test
  void firstSentenceBecomesACell() {
    String source =
        """
        /**
         * Length {@code |x| .. {y}} of
         * {@link Shape}. More.
         */
        public interface Norm extends Kernel {}
        """;
    assertEquals("Length `\\|x\\| .. {y}` of `Shape`.", KernelIndex.firstSentence("Norm", source));
  }

  /** What a plan counts: contracts of products, with what their launches take. */
  @Test
  void productsAreCounted() throws Exception {
    List<String> faults = new ArrayList<>();
    for (Class<? extends Kernel> contract : contracts()) {
      boolean counted =
          Arrays.stream(contract.getDeclaredMethods())
              .anyMatch(it -> it.getName().equals("operations"));
      if (counted != contract.getSimpleName().matches(".*(Matmul|Attention|Conv[23]d).*")) {
        faults.add(contract.getSimpleName());
        continue;
      }
      if (counted) {
        Method launch =
            Arrays.stream(contract.getDeclaredMethods())
                .filter(it -> it.getName().equals("launch"))
                .findFirst()
                .orElseThrow();
        contract.getMethod("operations", launch.getParameterTypes());
      }
    }
    assertEquals(List.of(), faults);
  }

  private static List<Class<? extends Kernel>> contracts() throws Exception {
    List<Class<? extends Kernel>> contracts = KernelIndex.contracts();
    assertFalse(contracts.isEmpty(), "no contracts found");
    return contracts;
  }

  private static boolean hasTornado(Class<? extends Kernel> contract) {
    return !WITHOUT_TORNADO.contains(contract.getSimpleName());
  }

  /** What is wrong with a backend's kernel for a contract, if anything. */
  private static Optional<String> listed(
      Backend backend, Class<? extends Kernel> contract, String expected) {
    String found;
    try {
      found = backend.kernel(contract).getClass().getName();
    } catch (MissingKernelException e) {
      found = "none";
    }
    return found.equals(expected)
        ? Optional.empty()
        : Optional.of(contract.getSimpleName() + ": expected " + expected + ", found " + found);
  }

  /** Whether JUnit would run anything of a class; its own methods or inherited ones. */
  private static boolean hasTestMethod(String name) {
    try {
      return !ReflectionSupport.findMethods(
              Class.forName(name),
              method -> AnnotationSupport.isAnnotated(method, Testable.class),
              HierarchyTraversalMode.TOP_DOWN)
          .isEmpty();
    } catch (ClassNotFoundException e) {
      throw new IllegalStateException(e);
    }
  }

  private static boolean exists(String name) {
    try {
      Class.forName(name, false, CatalogTest.class.getClassLoader());
      return true;
    } catch (ClassNotFoundException e) {
      return false;
    }
  }
}
