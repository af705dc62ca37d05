package dev.orrery.model.layers;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.ComputeTypes;
import dev.orrery.kernels.backend.PlanningBackend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Float8;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.golden.MemoryTensors;
import dev.orrery.model.golden.QuantizedTensors;
import dev.orrery.runtime.checkpoint.PlannedTensors;
import dev.orrery.runtime.checkpoint.Quantization;
import dev.orrery.runtime.checkpoint.TensorSource;
import dev.orrery.runtime.checkpoint.Weights;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.memory.WorkspaceSize;
import dev.orrery.runtime.quantize.QuantizedMatrix;
import dev.orrery.runtime.quantize.ScaleChoice;
import dev.orrery.runtime.random.GaussianNoise;
import java.lang.foreign.ValueLayout;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Linear layers over all forms of weights. */
class LinearTest {
  private static final int TOKENS = 6;
  private static final int IN = 64;
  private static final int OUT = 10;

  /**
   * A form and the backend to compute on. Inputs are such that quantising them changes nothing, so
   * that the layer is the one over the weight that the quantised one stands for.
   */
  record Case(Quantization form, boolean reference) {
    Backend backend() {
      return reference ? CpuBackend.reference(2) : CpuBackend.simd(2);
    }

    float[] input() {
      float[] x = noise(1, TOKENS * IN);
      for (int i = 0; i < x.length; i++) {
        boolean first = i % IN == 0;
        x[i] =
            switch (form.format()) {
              case INT8 -> first ? 127 : Math.round(20 * x[i]);
              case FP8 -> first ? 448 : Float8.decode(Float8.encode(x[i]));
              case INT4 -> x[i];
            };
      }
      return x;
    }
  }

  static Stream<Case> cases() {
    return Stream.of(Quantization.INT8, Quantization.FP8, Quantization.int4(32))
        .flatMap(form -> Stream.of(new Case(form, true), new Case(form, false)));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void isTheLayerOfWhatTheWeightStandsFor(Case test) {
    QuantizedTensors tensors = quantized(test.form());
    float[] weight = restored(tensors.quantized("weight"), test.form());
    TensorSource plain = source(Map.of("weight", weight, "bias", noise(3, OUT)));
    float[] gate = noise(4, 2 * OUT);
    try (Backend backend = test.backend();
        TensorArena arena = backend.newArena()) {
      Linear expected = layer(plain, backend, arena);
      Linear found = layer(tensors, backend, arena);
      Workspace workspace = Workspace.of(arena, new WorkspaceSize(1 << 20));
      for (Activation activation : Activation.values()) {
        assertClose(
            forward(expected, test.input(), activation, workspace, OUT),
            forward(found, test.input(), activation, workspace, OUT));
      }
      assertClose(
          addTo(expected, test.input(), null, workspace),
          addTo(found, test.input(), null, workspace));
      Tensor gates = Tensor.of(gate, 2, OUT);
      assertClose(
          addTo(expected, test.input(), gates, workspace),
          addTo(found, test.input(), gates, workspace));
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void someOutputsAreThoseOfTheWholeLayer(Case test) {
    try (Backend backend = test.backend();
        TensorArena arena = backend.newArena()) {
      Linear whole = layer(quantized(test.form()), backend, arena);
      Workspace workspace = Workspace.of(arena, new WorkspaceSize(1 << 20));
      float[] x = noise(5, TOKENS * IN);
      float[] all = forward(whole, x, Activation.SILU, workspace, OUT);
      float[] some = forward(whole.outputs(3, 8), x, Activation.SILU, workspace, 5);
      for (int t = 0; t < TOKENS; t++) {
        for (int n = 0; n < 5; n++) {
          assertEquals(all[t * OUT + 3 + n], some[t * 5 + n]);
        }
      }
    }
  }

  /** Stored alike or not, layers of one input compute what each computes. */
  @ParameterizedTest
  @MethodSource("cases")
  void layersOfOneInputAreThoseLayers(Case test) {
    try (Backend backend = test.backend();
        TensorArena arena = backend.newArena()) {
      Linear quantized = layer(quantized(test.form()), backend, arena);
      TensorSource values = source(Map.of("weight", noise(6, OUT * IN), "bias", noise(7, OUT)));
      Linear plain = layer(values, backend, arena);
      Workspace workspace = Workspace.of(arena, new WorkspaceSize(1 << 20));
      float[] x = noise(5, TOKENS * IN);
      for (List<Linear> layers :
          List.of(
              List.of(quantized, quantized), List.of(plain, plain), List.of(quantized, plain))) {
        Tensor out = Tensor.of(new float[2 * TOKENS * OUT], 2, TOKENS, OUT);
        try (Workspace.Frame frame = workspace.frame()) {
          LinearInput input = LinearInput.of(Tensor.of(x, TOKENS, IN), frame);
          Linear.allInto(input, layers, List.of(out.row(0), out.row(1)));
        }
        for (int i = 0; i < 2; i++) {
          assertArrayEquals(
              forward(layers.get(i), x, Activation.NONE, workspace, OUT), out.row(i).toFloats());
        }
      }
    }
  }

  @Test
  void nothingIsCopiedOnTheCpu() {
    for (Quantization form : List.of(Quantization.INT8, Quantization.FP8, Quantization.int4(32))) {
      try (Backend backend = PlanningBackend.cpu();
          TensorArena arena = backend.newArena()) {
        layer(quantized(form), backend, arena);
        assertEquals(0, arena.byteSize());
      }
    }
  }

  /** Layers that share an input share its quantised copy; scales stay fp32 beside bf16. */
  @Test
  void takesTheMemoryOfOneQuantizedInput() {
    PlannedTensors planned =
        PlannedTensors.of(
            DType.BF16,
            spec -> spec.shape().rank() == 2 ? Quantization.INT8.stored(spec) : List.of(spec));
    PlanningBackend backend = new PlanningBackend(false, new ComputeTypes(DType.BF16, DType.F16));
    try (TensorArena arena = backend.newArena()) {
      Parameters p = Parameters.ofTransformer(Weights.of(planned), backend, arena);
      Linear q = Linear.of(p.at("q"), IN, OUT);
      Linear k = Linear.withoutBias(p.at("k"), IN, OUT);
      assertEquals(2 * (OUT * IN + 4 * OUT) + 4 * OUT, arena.byteSize());
      Workspace workspace = Workspace.measuring();
      try (Workspace.Frame frame = workspace.frame()) {
        Tensor x = frame.empty(DType.BF16, 128, IN);
        Tensor out = frame.like(x, 128, OUT);
        long before = workspace.highWater().shared();
        LinearInput input = LinearInput.of(x, frame);
        q.into(input, out);
        k.into(input, out);
        assertEquals(128 * IN + 128 * 4, workspace.highWater().shared() - before);
      }
    }
  }

  private static Linear layer(TensorSource tensors, Backend backend, TensorArena arena) {
    Weights weights = Weights.of(tensors);
    Linear layer = Linear.of(Parameters.ofTransformer(weights, backend, arena), IN, OUT);
    weights.finish();
    return layer;
  }

  private static float[] forward(
      Linear layer, float[] x, Activation activation, Workspace workspace, int columns) {
    Tensor out = Tensor.of(new float[TOKENS * columns], TOKENS, columns);
    try (Workspace.Frame frame = workspace.frame()) {
      layer.into(LinearInput.of(Tensor.of(x, TOKENS, IN), frame), activation, out);
    }
    return out.toFloats();
  }

  private static float[] addTo(Linear layer, float[] x, Tensor gate, Workspace workspace) {
    Tensor residual = Tensor.of(noise(6, TOKENS * OUT), TOKENS, OUT);
    try (Workspace.Frame frame = workspace.frame()) {
      layer.addTo(residual, gate, Tensor.of(x, TOKENS, IN), frame);
    }
    return residual.toFloats();
  }

  private static QuantizedTensors quantized(Quantization form) {
    TensorSource stored = source(Map.of("weight", noise(2, OUT * IN), "bias", noise(3, OUT)));
    return new QuantizedTensors(
        stored,
        name -> name.equals("weight") ? Optional.of(form) : Optional.empty(),
        ScaleChoice.ABS_MAX);
  }

  /** The matrix that quantised values and scales stand for, by the definition of the format. */
  private static float[] restored(QuantizedMatrix matrix, Quantization form) {
    byte[] codes = matrix.values().segment().toArray(ValueLayout.JAVA_BYTE);
    float[] scales = matrix.scales().toFloats();
    int perScale = form.group() == 0 ? IN : form.group();
    float[] values = new float[OUT * IN];
    for (int i = 0; i < values.length; i++) {
      float value =
          switch (form.format()) {
            case INT8 -> codes[i];
            case FP8 -> Float8.decode(codes[i]);
            case INT4 -> (codes[i / 2] >> (i % 2 == 0 ? 0 : 4) & 15) - 8;
          };
      values[i] = value * scales[i / perScale];
    }
    return values;
  }

  private static TensorSource source(Map<String, float[]> tensors) {
    Map<String, Tensor> all = new LinkedHashMap<>();
    tensors.forEach(
        (name, values) ->
            all.put(
                name, values.length == OUT ? Tensor.of(values, OUT) : Tensor.of(values, OUT, IN)));
    return new MemoryTensors(all);
  }

  /** Sums of 64 products of values up to 448, in fp32. */
  private static void assertClose(float[] expected, float[] found) {
    double largest = 0;
    for (float value : expected) {
      largest = Math.max(largest, Math.abs(value));
    }
    assertArrayEquals(expected, found, (float) (2e-6 * largest));
  }

  private static float[] noise(int stream, int count) {
    float[] values = new float[count];
    GaussianNoise.fill(11, stream, 0, values);
    return values;
  }
}
