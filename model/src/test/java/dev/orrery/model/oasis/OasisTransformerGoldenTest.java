package dev.orrery.model.oasis;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.position.TimestepEmbedding;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.golden.Golden;
import dev.orrery.model.layers.Parameters;
import dev.orrery.runtime.checkpoint.JsonValue;
import dev.orrery.runtime.checkpoint.Weights;
import dev.orrery.runtime.memory.KvCache;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.ActivationTrace;
import dev.orrery.runtime.trace.Trace;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class OasisTransformerGoldenTest {
  static List<Golden.Arguments> cases() {
    return Golden.cases("oasis", "dit");
  }

  /** Properties of the network's code, which need no other kernels than its outputs. */
  static List<Golden.Arguments> casesOfProperties() {
    return Golden.casesOfProperties("oasis", "dit");
  }

  /** A network with the weights of a fixture, and one item of the fixture's batch. */
  private static final class Fixture {
    final Golden golden;
    final Backend backend;
    final TensorArena arena;
    final OasisTransformerConfig config;
    final OasisTransformer dit;
    final Workspace workspace;
    final OasisComparison comparison;
    final int item;
    final int frames;

    Fixture(
        Golden.Arguments arguments, Golden golden, TensorArena arena, Backend backend, int item) {
      this.golden = golden;
      this.backend = backend;
      this.arena = arena;
      this.item = item;
      config = OasisTransformerConfig.read(golden.config());
      Weights weights = Weights.of(golden.weights(""));
      dit = new OasisTransformer(Parameters.ofTransformer(weights, backend, arena), config);
      weights.finish();
      workspace = Workspace.of(arena, Golden.AMPLE);
      Tensor x = golden.tensor("inputs.x");
      frames = x.size(1);
      comparison = new OasisComparison(arguments, golden, x.size(0), item);
    }

    Tensor moved(Tensor host) {
      return Golden.moved(backend, arena, DType.F32, host);
    }

    Tensor latents() {
      float[] values = golden.tensor("inputs.x").row(item).toFloats();
      return moved(
          Golden.framesChannelsLast(
              values, frames, config.channels(), config.rows(), config.columns()));
    }

    Tensor timesteps() {
      long[] all = golden.longs("inputs.t");
      float[] values = new float[frames];
      for (int i = 0; i < frames; i++) {
        values[i] = all[item * frames + i];
      }
      return moved(Tensor.of(values, frames));
    }

    OasisModulation modulation(boolean withActions, Trace trace) {
      OasisModulation modulation = dit.newModulation(frames, arena);
      Tensor actions = withActions ? moved(golden.tensor("inputs.actions").row(item)) : null;
      dit.modulate(timesteps(), actions, workspace, modulation, trace);
      return modulation;
    }

    Tensor velocity(int count) {
      return arena.empty(DType.F32, count, config.rows(), config.columns(), config.channels());
    }

    /** Velocities of some frames, counted from the first of the window, in the fixture's order. */
    float[] expected(String output, int from, int to) {
      float[] all = comparison.expected(output);
      int frame = all.length / frames;
      return Golden.framesChannelsLast(
              Arrays.copyOfRange(all, from * frame, to * frame),
              to - from,
              config.channels(),
              config.rows(),
              config.columns())
          .toFloats();
    }

    /** Requires the velocity of one frame to be that of the pass over all of them. */
    void same(int frame, Tensor velocity) {
      comparison.same(
          "velocity of frame " + frame,
          expected("v", frame, frame + 1),
          Golden.floats(backend, velocity));
    }

    /** The velocity of a frame by itself, those before it being in the caches. */
    Tensor alone(Tensor latents, int frame, OasisModulation modulation, OasisKvState kv) {
      Tensor velocity = velocity(1);
      dit.forward(
          latents.slice(frame, frame + 1),
          at(frame, modulation.rows(frame, frame + 1)),
          kv,
          workspace,
          velocity,
          Trace.NONE);
      return velocity;
    }

    OasisFrames at(int row, OasisModulation modulation) {
      Tensor rotary = dit.windowRotary().slice(row, row + modulation.rows());
      return OasisFrames.after(row, modulation, rotary);
    }
  }

  /** What the reference does: all frames of a window in one pass. */
  @ParameterizedTest
  @MethodSource("cases")
  void everyOutputIsThatOfTheReference(Golden.Arguments arguments) {
    try (Golden golden = arguments.golden();
        Backend backend = arguments.backend();
        TensorArena arena = backend.newArena()) {
      for (int item = 0; item < golden.tensor("inputs.x").size(0); item++) {
        Fixture fixture = new Fixture(arguments, golden, arena, backend, item);
        OasisComparison comparison = fixture.comparison;
        Tensor waves = arena.empty(DType.F32, fixture.frames, 256);
        backend.kernel(TimestepEmbedding.class).run(fixture.timesteps(), waves);
        comparison.same("timestep_sinusoid", Golden.floats(backend, waves));

        ActivationTrace trace = new ActivationTrace(backend);
        OasisKvState kv = fixture.dit.newKvState(fixture.frames, arena);
        Tensor velocity = fixture.velocity(fixture.frames);
        OasisModulation modulation = fixture.modulation(true, trace);
        fixture.dit.forward(
            fixture.latents(), fixture.at(0, modulation), kv, fixture.workspace, velocity, trace);
        comparison.same("t_embed", trace);
        comparison.same("action_embed", trace);
        comparison.angles("spatial_angles", trace.values().get("spatial_rotary"));
        comparison.angles("temporal_angles", Golden.floats(backend, fixture.dit.windowRotary()));
        comparison.same("patch_embed", trace);
        String before = "patch_embed";
        for (int i = 0; i < fixture.config.layers(); i++) {
          compareBlock(fixture, "block" + i, before, trace.values());
          before = "block" + i + ".out";
        }
        comparison.same("final_layer", trace);
        comparison.same(
            "v", fixture.expected("v", 0, fixture.frames), Golden.floats(backend, velocity));

        fixture.dit.forward(
            fixture.latents(),
            fixture.at(0, fixture.modulation(false, Trace.NONE)),
            kv,
            fixture.workspace,
            velocity,
            Trace.NONE);
        comparison.same(
            "v_without_actions",
            fixture.expected("v_without_actions", 0, fixture.frames),
            Golden.floats(backend, velocity));
        comparison.nothingIsLeft();
      }
    }
  }

  private static void compareBlock(
      Fixture fixture, String block, String before, Map<String, float[]> taps) {
    OasisComparison comparison = fixture.comparison;
    int dim = fixture.config.dim();
    for (String half : List.of("s", "t")) {
      float[] expected = comparison.expected(block + "." + half + "_modulation");
      for (int i = 0; i < 6; i++) {
        String tap = block + "." + half + "_modulation." + i;
        comparison.same(tap, vector(expected, i, dim), taps.get(tap));
      }
    }
    float[] spatial = comparison.expected(block + ".s_modulation");
    float[] temporal = comparison.expected(block + ".t_modulation");
    float[] normed = comparison.expected(block + ".s_norm1");
    comparison.same(
        block + ".s_norm1, modulated",
        modulated(normed, vector(spatial, 1, dim), 1, vector(spatial, 0, dim), fixture.config),
        taps.get(block + ".s_attn_in"));
    String[] residual = {
      before,
      block + ".after_s_attn",
      block + ".after_s_mlp",
      block + ".after_t_attn",
      block + ".out"
    };
    String[] layers = {"s_attn", "s_mlp", "t_attn", "t_mlp"};
    for (int i = 0; i < layers.length; i++) {
      String layer = block + "." + layers[i];
      float[] gate = vector(i < 2 ? spatial : temporal, i % 2 == 0 ? 2 : 5, dim);
      float[] gated =
          modulated(comparison.expected(layer), gate, 0, new float[gate.length], fixture.config);
      comparison.added(layer, gated, taps.get(residual[i]), taps.get(residual[i + 1]));
    }
    comparison.same(block + ".out", taps.get(block + ".out"));
  }

  /** One of the six vectors of each frame, {@code [F, C]} of {@code [F, 6 * C]}. */
  private static float[] vector(float[] modulation, int index, int dim) {
    float[] out = new float[modulation.length / 6];
    for (int i = 0; i < out.length; i++) {
      out[i] = modulation[(i / dim * 6 + index) * dim + i % dim];
    }
    return out;
  }

  /**
   * Multiplies tokens {@code [F * S, C]} by a vector of their frame and a number more, and adds
   * another vector of it.
   */
  private static float[] modulated(
      float[] x, float[] factors, float more, float[] offsets, OasisTransformerConfig config) {
    float[] out = new float[x.length];
    int dim = config.dim();
    for (int i = 0; i < x.length; i++) {
      int at = i / dim / config.tokens() * dim + i % dim;
      out[i] = x[i] * (factors[at] + more) + offsets[at];
    }
    return out;
  }

  /** Frames one after the other, each of which finds those before it in the caches. */
  @ParameterizedTest
  @MethodSource("casesOfProperties")
  void frameByFrameIsTheWholeWindow(Golden.Arguments arguments) {
    try (Golden golden = arguments.golden();
        Backend backend = arguments.backend();
        TensorArena arena = backend.newArena()) {
      Fixture fixture = new Fixture(arguments, golden, arena, backend, 0);
      OasisModulation modulation = fixture.modulation(true, Trace.NONE);
      OasisKvState kv = fixture.dit.newKvState(fixture.frames, arena);
      Tensor latents = fixture.latents();
      for (int i = 0; i < fixture.frames; i++) {
        fixture.same(i, fixture.alone(latents, i, modulation, kv));
      }
    }
  }

  /** The context in one pass that leaves keys and values alone, then steps of the newest frame. */
  @ParameterizedTest
  @MethodSource("casesOfProperties")
  void theNewestFrameAloneIsTheWholeWindow(Golden.Arguments arguments) {
    try (Golden golden = arguments.golden();
        Backend backend = arguments.backend();
        TensorArena arena = backend.newArena()) {
      Fixture fixture = new Fixture(arguments, golden, arena, backend, 0);
      int newest = fixture.frames - 1;
      OasisModulation modulation = fixture.modulation(true, Trace.NONE);
      OasisKvState kv = fixture.dit.newKvState(fixture.frames, arena);
      Tensor latents = fixture.latents();
      fixture.dit.remember(
          latents.slice(0, newest),
          fixture.at(0, modulation.rows(0, newest)),
          kv,
          fixture.workspace);
      // An earlier step of the frame leaves nothing behind.
      Tensor noise = latents.slice(0, 1);
      OasisFrames frame = fixture.at(newest, modulation.rows(newest, newest + 1));
      fixture.dit.forward(noise, frame, kv, fixture.workspace, fixture.velocity(1), Trace.NONE);
      fixture.same(newest, fixture.alone(latents, newest, modulation, kv));
    }
  }

  /** Where a frame's keys and values lie says nothing: a ring may overwrite the oldest one. */
  @ParameterizedTest
  @MethodSource("casesOfProperties")
  void aFrameMayLieAnywhereInTheCaches(Golden.Arguments arguments) {
    try (Golden golden = arguments.golden();
        Backend backend = arguments.backend();
        TensorArena arena = backend.newArena()) {
      Fixture fixture = new Fixture(arguments, golden, arena, backend, 0);
      int newest = fixture.frames - 1;
      OasisModulation modulation = fixture.modulation(true, Trace.NONE);
      OasisKvState kv = fixture.dit.newKvState(fixture.frames, arena);
      Tensor latents = fixture.latents();
      fixture.dit.remember(
          latents.slice(0, newest),
          fixture.at(0, modulation.rows(0, newest)),
          kv,
          fixture.workspace);
      for (int i = 0; i < fixture.config.layers(); i++) {
        KvCache.View first = kv.rows(i, 0, 1);
        KvCache.View last = kv.rows(i, newest, fixture.frames);
        backend.copy(first.keys(), last.keys());
        backend.copy(first.values(), last.values());
      }
      Tensor position =
          fixture.moved(
              Tensor.of(fixture.dit.temporalRotary(newest, 1), 1, fixture.config.headDim() / 2, 2));
      Tensor velocity = fixture.velocity(1);
      fixture.dit.forward(
          latents.slice(newest, newest + 1),
          new OasisFrames(modulation.rows(newest, newest + 1), position, 0, fixture.frames),
          kv,
          fixture.workspace,
          velocity,
          Trace.NONE);
      fixture.same(newest, velocity);
    }
  }

  @Test
  void refusesFramesThatWouldNotSeeTheirPast() {
    try (Backend backend = CpuBackend.simd(1);
        TensorArena arena = backend.newArena()) {
      OasisTransformerConfig config =
          OasisTransformerConfig.read(JsonValue.parse("c", "{\"depth\": 1}".getBytes(UTF_8)));
      OasisModulation two = OasisModulation.empty(config, 2, arena);
      Tensor rotary = arena.empty(DType.F32, 2, 32, 2);
      assertRefused("found 2 from row 0 of 3", () -> new OasisFrames(two, rotary, 0, 3));
      assertRefused("found 2 from row 2 of 3", () -> new OasisFrames(two, rotary, 2, 3));
      assertRefused("found 2 from row -1 of 1", () -> new OasisFrames(two, rotary, -1, 1));
      assertRefused("for each of 1 frames", () -> new OasisFrames(two.rows(0, 1), rotary, 0, 1));
    }
  }

  private static void assertRefused(String message, Executable call) {
    String found = assertThrows(IllegalArgumentException.class, call).getMessage();
    assertTrue(found.contains(message), found);
  }
}
