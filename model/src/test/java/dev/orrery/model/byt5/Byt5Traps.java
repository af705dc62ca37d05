package dev.orrery.model.byt5;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.golden.Golden;
import dev.orrery.model.golden.OtherActivationBackend;
import dev.orrery.model.golden.SpoiltWeights;
import dev.orrery.model.golden.SpoiltWeights.Change;
import dev.orrery.model.golden.Trap;
import dev.orrery.model.layers.Parameters;
import dev.orrery.model.t5.T5Config;
import dev.orrery.model.t5.T5Encoder;
import dev.orrery.runtime.checkpoint.TensorSource;
import dev.orrery.runtime.checkpoint.Weights;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.DoubleSupplier;

/** Mistakes that are easily made with the glyph encoder, made on purpose. */
public final class Byt5Traps {
  private Byt5Traps() {}

  /** All of them, for each fixture. */
  public static List<Trap> all() {
    List<Trap> traps = new ArrayList<>();
    for (Golden.Arguments fixture : Golden.cpuCases("worldplay-hy8b-encoders", "byt5")) {
      if (!fixture.backendName().equals("cpu")) {
        continue;
      }
      add(traps, "scaled scores", fixture, () -> scaledScores(fixture));
      if (layers(fixture) > 1) {
        add(
            traps,
            "biases in the first block alone",
            fixture,
            () -> error(fixture, fixture.backend(), Change.NONE, false));
      }
      add(
          traps,
          "erf for tanh",
          fixture,
          () ->
              error(
                  fixture,
                  new OtherActivationBackend(
                      fixture.backend(), Activation.GELU_TANH, Activation.GELU_ERF),
                  Change.NONE,
                  true));
    }
    return traps;
  }

  private static void add(
      List<Trap> traps, String mistake, Golden.Arguments fixture, DoubleSupplier spoilt) {
    traps.add(
        new Trap(
            "ByT5: " + mistake + ", " + fixture,
            Byt5GoldenTest.LIMIT,
            () -> error(fixture, fixture.backend(), Change.NONE, true),
            spoilt));
  }

  private static int layers(Golden.Arguments fixture) {
    try (Golden golden = fixture.golden()) {
      return T5Config.of(golden.config(), true).layers();
    }
  }

  private static double scaledScores(Golden.Arguments fixture) {
    double scale;
    try (Golden golden = fixture.golden()) {
      scale = 1 / Math.sqrt(T5Config.of(golden.config(), true).headDim());
    }
    Change change =
        (name, tensor) -> {
          if (!name.endsWith("SelfAttention.q.weight")) {
            return tensor;
          }
          float[] values = tensor.toFloats();
          for (int i = 0; i < values.length; i++) {
            values[i] *= (float) scale;
          }
          return Tensor.of(values, tensor.shape().extents());
        };
    return error(fixture, fixture.backend(), change, true);
  }

  /** The largest error of the states of a text. */
  private static double error(
      Golden.Arguments arguments, Backend device, Change change, boolean sharedBiases) {
    try (Golden golden = arguments.golden();
        Backend backend = device;
        TensorArena arena = backend.newArena()) {
      T5Config config = T5Config.of(golden.config(), sharedBiases);
      TensorSource source = new NoOtherBiases(new SpoiltWeights(golden.weights(""), change));
      Parameters p = Parameters.ofTransformer(Weights.of(source), backend, arena).beside(DType.F32);
      T5Encoder encoder = T5Encoder.ofEncoder(p, config);
      Workspace workspace = Workspace.of(arena, Golden.AMPLE);
      long[] ids = golden.longs("inputs.input_ids");
      long[] mask = golden.longs("inputs.attention_mask");
      int length = golden.tensor("inputs.input_ids").size(1);
      double largest = 0;
      for (int start = 0; start < ids.length; start += length) {
        int tokens = (int) Arrays.stream(mask, start, start + length).sum();
        if (tokens == 0) {
          continue;
        }
        int[] real = Arrays.stream(ids, start, start + tokens).mapToInt(Math::toIntExact).toArray();
        Tensor out = arena.empty(DType.F32, tokens, config.dim());
        encoder.forward(real, workspace, out, Trace.NONE);
        int from = start * config.dim();
        float[] all = golden.floats("outputs.last_hidden_state");
        float[] expected = Arrays.copyOfRange(all, from, from + tokens * config.dim());
        largest = Math.max(largest, Golden.relativeError(expected, out.toFloats()));
      }
      return largest;
    }
  }

  /** Gives the blocks that have no biases zeros. */
  private record NoOtherBiases(TensorSource source) implements TensorSource {
    @Override
    public Set<String> names() {
      return source.names();
    }

    @Override
    public Optional<Tensor> find(String name, Shape shape) {
      if (name.endsWith("relative_attention_bias.weight") && !names().contains(name)) {
        return Optional.of(
            Tensor.of(new float[Math.toIntExact(shape.elements())], shape.extents()));
      }
      return source.find(name, shape);
    }

    @Override
    public String location(String name) {
      return source.location(name);
    }
  }
}
