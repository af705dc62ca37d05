package dev.orrery.model.oasis;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.golden.Golden;
import dev.orrery.model.golden.QuantizationPage;
import dev.orrery.model.golden.QuantizedForm;
import dev.orrery.model.golden.QuantizedTensors;
import dev.orrery.runtime.checkpoint.TensorSource;
import dev.orrery.runtime.quantize.ScaleChoice;
import dev.orrery.runtime.trace.ActivationError;
import dev.orrery.runtime.trace.ActivationTrace;
import dev.orrery.runtime.trace.Trace;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The transformer of the fixtures with its weights quantised, against itself in fp32. */
class OasisQuantizationTest {
  private static final String VELOCITY = "0.velocity";

  private static final List<QuantizedForm> FORMS =
      List.of(QuantizedForm.INT8, QuantizedForm.FP8, QuantizedForm.int4(32, ScaleChoice.ABS_MAX));

  /** On TornadoVM int8 is what there is. */
  static Stream<Arguments> cases() {
    return Golden.cases("oasis", "dit").stream()
        .flatMap(fixture -> FORMS.stream().map(form -> Arguments.of(fixture, form)))
        .filter(
            it ->
                !((Golden.Arguments) it.get()[0]).backendName().equals("tornado")
                    || it.get()[1] == QuantizedForm.INT8);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void staysNearTheNetworkThatIsNotQuantized(Golden.Arguments arguments, QuantizedForm form) {
    try (Golden golden = arguments.golden()) {
      Golden.Arguments cpu = new Golden.Arguments(arguments.path(), "cpu");
      List<ActivationError> errors =
          ActivationError.between(
              run(cpu, golden, golden.weights("")),
              run(arguments, golden, quantized(golden, form)),
              VELOCITY::equals);
      double error = errors.getFirst().relativeL2();
      assertTrue(error >= form.leastError() && error <= form.largestError(), errors::toString);
    }
  }

  @Test
  void pageTellsTheDriftOfEveryBlock() throws Exception {
    Golden.Arguments fixture = Golden.cpuCases("oasis", "dit.").getLast();
    List<List<String>> rows = new ArrayList<>();
    try (Golden golden = fixture.golden()) {
      Map<String, float[]> expected = run(fixture, golden, golden.weights(""));
      for (QuantizedForm form : FORMS) {
        QuantizationPage.addErrors(
            rows, form.toString(), expected, run(fixture, golden, quantized(golden, form)));
      }
    }
    QuantizationPage.check("oasis dit", rows);
  }

  private static TensorSource quantized(Golden golden, QuantizedForm form) {
    return new QuantizedTensors(
        golden.weights(""),
        name ->
            OasisTransformer.QUANTIZABLE.test(name)
                ? Optional.of(form.quantization())
                : Optional.empty(),
        form.choice());
  }

  /** Outputs of the blocks and the velocity, of a window of frames at once. */
  private static Map<String, float[]> run(
      Golden.Arguments arguments, Golden golden, TensorSource tensors) {
    try (Backend backend = arguments.backend();
        TensorArena arena = backend.newArena()) {
      OasisFixture fixture = new OasisFixture(arguments, golden, backend, arena, tensors);
      OasisFixture.Item item = fixture.item(0);
      Tensor velocity = fixture.velocity(fixture.frames);
      ActivationTrace trace = new ActivationTrace(backend, name -> name.matches("block\\d+\\.out"));
      fixture.dit.forward(
          item.latents(),
          fixture.at(0, item.modulation(true, Trace.NONE)),
          fixture.dit.newKvState(fixture.frames, arena),
          fixture.workspace,
          velocity,
          trace);
      Map<String, float[]> values = new LinkedHashMap<>();
      trace.values().forEach((name, value) -> values.put("0." + name, value));
      values.put(VELOCITY, Golden.floats(backend, velocity));
      return values;
    }
  }
}
