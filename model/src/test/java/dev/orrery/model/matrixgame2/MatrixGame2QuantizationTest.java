package dev.orrery.model.matrixgame2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.MissingKernelException;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.model.golden.Golden;
import dev.orrery.model.golden.QuantizationPage;
import dev.orrery.model.golden.QuantizedForm;
import dev.orrery.model.golden.QuantizedTensors;
import dev.orrery.model.layers.AttentionPrecision;
import dev.orrery.runtime.checkpoint.TensorSource;
import dev.orrery.runtime.quantize.ScaleChoice;
import dev.orrery.runtime.trace.ActivationError;
import dev.orrery.runtime.trace.ActivationTrace;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.DisabledIfSystemProperty;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The transformer of the fixtures with its weights quantised, against itself in fp32. */
class MatrixGame2QuantizationTest {
  private static final int BLOCKS = 2;

  /** The fixtures' channels are multiples of 32 and not of 64. */
  private static final List<QuantizedForm> FORMS =
      List.of(
          QuantizedForm.INT8,
          QuantizedForm.FP8,
          QuantizedForm.int4(32, ScaleChoice.ABS_MAX),
          QuantizedForm.int4(32, ScaleChoice.MSE));

  static Stream<Arguments> cases() {
    return all()
        .filter(it -> hasKernels((Golden.Arguments) it.get()[0], (QuantizedForm) it.get()[1]));
  }

  static Stream<Arguments> casesWithoutKernels() {
    return all()
        .filter(it -> !hasKernels((Golden.Arguments) it.get()[0], (QuantizedForm) it.get()[1]));
  }

  private static Stream<Arguments> all() {
    return Golden.cases("dit_block_causal").stream()
        .flatMap(fixture -> FORMS.stream().map(form -> Arguments.of(fixture, form)));
  }

  /** On TornadoVM int8 is what there is. */
  private static boolean hasKernels(Golden.Arguments fixture, QuantizedForm form) {
    return !fixture.backendName().equals("tornado") || form == QuantizedForm.INT8;
  }

  @ParameterizedTest
  @MethodSource("casesWithoutKernels")
  void formWithoutKernelsIsRefusedByItsOperation(Golden.Arguments fixture, QuantizedForm form) {
    try (Golden golden = fixture.golden()) {
      String operation = form == QuantizedForm.FP8 ? "MatmulFp8" : "MatmulInt4";
      TensorSource quantized = form.applied(golden.weights(""), MatrixGame2.FAMILY);
      MissingKernelException refusal =
          assertThrows(MissingKernelException.class, () -> run(fixture, golden, quantized));
      assertTrue(
          refusal.getMessage().startsWith("backend tornado:0 has no kernel for " + operation + ";"),
          refusal.getMessage());
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void staysNearTheNetworkThatIsNotQuantized(Golden.Arguments fixture, QuantizedForm form) {
    try (Golden golden = fixture.golden()) {
      TensorSource stored = golden.weights("");
      Golden.Arguments reference = new Golden.Arguments(fixture.path(), "cpu");
      Map<String, float[]> expected = run(reference, golden, stored);
      TensorSource quantized = form.applied(stored, MatrixGame2.FAMILY);
      Map<String, float[]> found = run(fixture, golden, quantized);
      List<ActivationError> errors =
          ActivationError.between(expected, found, name -> name.endsWith("velocity"));
      assertEquals(2, errors.size(), "passes");
      for (ActivationError error : errors) {
        assertTrue(
            error.relativeL2() >= form.leastError() && error.relativeL2() <= form.largestError(),
            error::toString);
      }
    }
  }

  /** Less would mean that nothing was quantised; bf16 itself is some 0.5 % away. */
  @ParameterizedTest
  @MethodSource("attentionCases")
  void attentionInInt8StaysNearTheNetworkInFloat(Golden.Arguments fixture) {
    try (Golden golden = fixture.golden()) {
      TensorSource stored = golden.weights("");
      Golden.Arguments cpu = new Golden.Arguments(fixture.path(), "cpu");
      Map<String, float[]> expected = run(cpu, golden, stored);
      Map<String, float[]> found = run(fixture, golden, stored, AttentionPrecision.INT8);
      List<ActivationError> errors =
          ActivationError.between(expected, found, name -> name.endsWith("velocity"));
      assertEquals(2, errors.size(), "passes");
      for (ActivationError error : errors) {
        double most = fixture.isGpu() ? 0.02 : 0.004;
        assertTrue(error.relativeL2() >= 2e-4 && error.relativeL2() <= most, error::toString);
      }
    }
  }

  @Test
  @DisabledIfSystemProperty(named = "requireGpu", matches = "true")
  @DisabledIfSystemProperty(named = "requireEmulator", matches = "true")
  void attentionInInt8IsRefusedByItsOperationOnTornado() {
    Golden.Arguments cpu = Golden.cpuCases("dit_block_causal").getFirst();
    Golden.Arguments fixture = new Golden.Arguments(cpu.path(), "tornado");
    try (Golden golden = fixture.golden()) {
      MissingKernelException refusal =
          assertThrows(
              MissingKernelException.class,
              () -> run(fixture, golden, golden.weights(""), AttentionPrecision.INT8));
      String message = refusal.getMessage();
      assertTrue(message.startsWith("backend tornado:0 has no kernel for AttentionInt8;"), message);
    }
  }

  /** On TornadoVM there is no such kernel. */
  static List<Golden.Arguments> attentionCases() {
    return Golden.cases("dit_block_causal").stream()
        .filter(fixture -> !fixture.backendName().equals("tornado"))
        .toList();
  }

  @Test
  void pageTellsTheDriftOfEveryBlock() throws Exception {
    for (Golden.Arguments fixture : Golden.cpuCases("dit_block_causal")) {
      if (fixture.backendName().equals("cpu")) {
        String name = fixture.path().getFileName().toString().replace(".safetensors", "");
        QuantizationPage.check("matrix-game-2 " + name, table(fixture));
      }
    }
  }

  private static List<List<String>> table(Golden.Arguments fixture) {
    List<List<String>> rows = new ArrayList<>();
    try (Golden golden = fixture.golden()) {
      TensorSource stored = golden.weights("");
      Map<String, float[]> expected = run(fixture, golden, stored);
      for (QuantizedForm form : FORMS) {
        TensorSource quantized = form.applied(stored, MatrixGame2.FAMILY);
        QuantizationPage.addErrors(
            rows, form.toString(), expected, run(fixture, golden, quantized));
      }
      QuantizationPage.addErrors(
          rows,
          "attention in int8",
          expected,
          run(fixture, golden, stored, AttentionPrecision.INT8));
      TensorSource int8 = QuantizedForm.INT8.applied(stored, MatrixGame2.FAMILY);
      QuantizationPage.addErrors(
          rows,
          "int8, attention too",
          expected,
          run(fixture, golden, int8, AttentionPrecision.INT8));
      TensorSource actions = withActionModules(stored);
      QuantizationPage.addErrors(
          rows, "int8, action modules too", expected, run(fixture, golden, actions));
    }
    return rows;
  }

  /** What the rule leaves out: the larger layers of action modules. */
  private static TensorSource withActionModules(TensorSource stored) {
    String actions =
        ".*action_model\\.(mouse_mlp\\.[02]|t_qkv|mouse_attn_q|\\w+_kv|proj_\\w+)\\.weight";
    return new QuantizedTensors(
        stored,
        name ->
            MatrixGame2.FAMILY.isQuantizable(name) || name.matches(actions)
                ? Optional.of(QuantizedForm.INT8.quantization())
                : Optional.empty(),
        ScaleChoice.ABS_MAX);
  }

  /** Outputs of the transformer's blocks and its velocity in the first passes of a session. */
  private static Map<String, float[]> run(
      Golden.Arguments arguments, Golden golden, TensorSource tensors) {
    return run(arguments, golden, tensors, AttentionPrecision.FLOAT);
  }

  private static Map<String, float[]> run(
      Golden.Arguments arguments,
      Golden golden,
      TensorSource tensors,
      AttentionPrecision attention) {
    Map<String, float[]> values = new LinkedHashMap<>();
    try (Backend backend = arguments.backend();
        TensorArena arena = backend.newArena()) {
      MatrixGame2TransformerGoldenTest.Fixture fixture =
          new MatrixGame2TransformerGoldenTest.Fixture(
              arguments, golden, backend, arena, tensors, attention);
      MatrixGame2KvState memory = fixture.rolling();
      int frames = fixture.framesPerChunk;
      for (int block = 0; block < BLOCKS; block++) {
        ActivationTrace trace =
            new ActivationTrace(backend, name -> name.matches("block\\d+\\.out"));
        float[] velocity = fixture.pass("", block * frames, frames, true, memory, trace);
        String pass = block + ".";
        trace.values().forEach((name, value) -> values.put(pass + name, value));
        values.put(pass + "velocity", velocity);
      }
    }
    return values;
  }
}
