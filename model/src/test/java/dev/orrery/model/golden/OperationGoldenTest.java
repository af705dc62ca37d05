package dev.orrery.model.golden;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.linear.Matmul;
import dev.orrery.kernels.norm.LayerNorm;
import java.util.List;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Every operation against what PyTorch computed in double precision. */
class OperationGoldenTest {
  static List<Golden.Arguments> kernels() {
    return Golden.cpuCases("kernels", "kernels");
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void agreesWithPyTorch(Golden.Arguments arguments) {
    OperationComparisons comparisons = new OperationComparisons();
    try (Golden golden = arguments.golden();
        Backend backend = arguments.backend()) {
      TreeSet<String> cases =
          golden.names().stream()
              .map(name -> name.substring(0, name.lastIndexOf('.')))
              .collect(Collectors.toCollection(TreeSet::new));
      TreeSet<String> compared = new TreeSet<>();
      TreeSet<String> used = new TreeSet<>();
      for (String name : cases) {
        OperationCase tensors = new OperationCase(golden, name, used);
        comparisons.run(backend, tensors);
        compared.add(tensors.operation());
      }
      assertEquals(comparisons.operations(), compared);
      assertEquals(new TreeSet<>(golden.names()), used, "tensors that a comparison looks at");
    }
  }

  /** Another epsilon and the other formula of GELU are small errors that the limit must show. */
  @ParameterizedTest
  @MethodSource("kernels")
  void plantedErrorsAreFound(Golden.Arguments arguments) {
    try (Golden golden = arguments.golden();
        Backend backend = arguments.backend()) {
      LayerNorm norm = backend.kernel(LayerNorm.class);
      OperationCase normed = new OperationCase(golden, "LayerNorm", new TreeSet<>());
      OperationComparisons.layerNorm(norm, normed, OperationComparisons.EPS);
      found(() -> OperationComparisons.layerNorm(norm, normed, 1e-5));
      Matmul matmul = backend.kernel(Matmul.class);
      OperationCase product = new OperationCase(golden, "Matmul", new TreeSet<>());
      Activation tanh = Activation.GELU_TANH;
      OperationComparisons.matmul(matmul, product, tanh, tanh);
      found(() -> OperationComparisons.matmul(matmul, product, tanh, Activation.GELU_ERF));
    }
  }

  private static void found(Executable comparison) {
    String message = assertThrows(AssertionError.class, comparison).getMessage();
    assertTrue(message.contains("relative L2 error"), message);
  }
}
