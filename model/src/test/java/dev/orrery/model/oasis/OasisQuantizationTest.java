package dev.orrery.model.oasis;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.golden.Golden;
import dev.orrery.model.golden.QuantizedForm;
import dev.orrery.model.golden.QuantizedTensors;
import dev.orrery.runtime.checkpoint.TensorSource;
import dev.orrery.runtime.quantize.ScaleChoice;
import dev.orrery.runtime.trace.ActivationError;
import dev.orrery.runtime.trace.Trace;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The transformer of the fixtures with its weights quantised, against itself in fp32. */
class OasisQuantizationTest {
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
      TensorSource stored = golden.weights("");
      TensorSource quantized =
          new QuantizedTensors(
              stored,
              name ->
                  OasisTransformer.QUANTIZABLE.test(name)
                      ? Optional.of(form.quantization())
                      : Optional.empty(),
              form.choice());
      List<ActivationError> errors =
          ActivationError.between(
              Map.of("v", velocities(cpu, golden, stored)),
              Map.of("v", velocities(arguments, golden, quantized)),
              name -> true);
      double error = errors.getFirst().relativeL2();
      assertTrue(error >= form.leastError() && error <= form.largestError(), errors::toString);
    }
  }

  private static float[] velocities(
      Golden.Arguments arguments, Golden golden, TensorSource tensors) {
    try (Backend backend = arguments.backend();
        TensorArena arena = backend.newArena()) {
      OasisFixture fixture = new OasisFixture(arguments, golden, backend, arena, tensors);
      OasisFixture.Item item = fixture.item(0);
      Tensor velocity = fixture.velocity(fixture.frames);
      fixture.dit.forward(
          item.latents(),
          fixture.at(0, item.modulation(true, Trace.NONE)),
          fixture.dit.newKvState(fixture.frames, arena),
          fixture.workspace,
          velocity,
          Trace.NONE);
      return Golden.floats(backend, velocity);
    }
  }
}
