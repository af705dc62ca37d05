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
import dev.orrery.runtime.checkpoint.JsonValue;
import dev.orrery.runtime.memory.KvCache;
import dev.orrery.runtime.trace.ActivationTrace;
import dev.orrery.runtime.trace.Trace;
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

  private static OasisFixture fixture(
      Golden.Arguments arguments, Golden golden, Backend backend, TensorArena arena) {
    return new OasisFixture(arguments, golden, backend, arena, golden.weights(""));
  }

  /** What the reference does: all frames of a window in one pass. */
  @ParameterizedTest
  @MethodSource("cases")
  void everyOutputIsThatOfTheReference(Golden.Arguments arguments) {
    try (Golden golden = arguments.golden();
        Backend backend = arguments.backend();
        TensorArena arena = backend.newArena()) {
      OasisFixture fixture = fixture(arguments, golden, backend, arena);
      for (int index = 0; index < fixture.batch; index++) {
        OasisFixture.Item item = fixture.item(index);
        OasisComparison comparison = item.comparison;
        Tensor waves = arena.empty(DType.F32, fixture.frames, 256);
        backend.kernel(TimestepEmbedding.class).run(item.timesteps(), waves);
        comparison.same("timestep_sinusoid", Golden.floats(backend, waves));

        ActivationTrace trace = new ActivationTrace(backend);
        OasisKvState kv = fixture.dit.newKvState(fixture.frames, arena);
        Tensor velocity = fixture.velocity(fixture.frames);
        OasisModulation modulation = item.modulation(true, trace);
        fixture.dit.forward(
            item.latents(), fixture.at(0, modulation), kv, fixture.workspace, velocity, trace);
        comparison.same("t_embed", trace);
        comparison.same("action_embed", trace);
        comparison.angles("spatial_angles", trace.values().get("spatial_rotary"));
        comparison.angles("temporal_angles", Golden.floats(backend, fixture.dit.windowRotary()));
        comparison.same("patch_embed", trace);
        String before = "patch_embed";
        for (int i = 0; i < fixture.config.layers(); i++) {
          compareBlock(fixture.config, comparison, "block" + i, before, trace.values());
          before = "block" + i + ".out";
        }
        comparison.same("final_layer", trace);
        comparison.same(
            "v", item.expected("v", 0, fixture.frames), Golden.floats(backend, velocity));

        fixture.dit.forward(
            item.latents(),
            fixture.at(0, item.modulation(false, Trace.NONE)),
            kv,
            fixture.workspace,
            velocity,
            Trace.NONE);
        comparison.same(
            "v_without_actions",
            item.expected("v_without_actions", 0, fixture.frames),
            Golden.floats(backend, velocity));
        comparison.nothingIsLeft();
      }
    }
  }

  private static void compareBlock(
      OasisTransformerConfig config,
      OasisComparison comparison,
      String block,
      String before,
      Map<String, float[]> taps) {
    int dim = config.dim();
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
        modulated(normed, vector(spatial, 1, dim), 1, vector(spatial, 0, dim), config),
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
          modulated(comparison.expected(layer), gate, 0, new float[gate.length], config);
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
      OasisFixture fixture = fixture(arguments, golden, backend, arena);
      OasisFixture.Item item = fixture.item(0);
      OasisModulation modulation = item.modulation(true, Trace.NONE);
      OasisKvState kv = fixture.dit.newKvState(fixture.frames, arena);
      Tensor latents = item.latents();
      for (int i = 0; i < fixture.frames; i++) {
        item.same(i, item.alone(latents, i, modulation, kv));
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
      OasisFixture fixture = fixture(arguments, golden, backend, arena);
      OasisFixture.Item item = fixture.item(0);
      int newest = fixture.frames - 1;
      OasisModulation modulation = item.modulation(true, Trace.NONE);
      OasisKvState kv = fixture.dit.newKvState(fixture.frames, arena);
      Tensor latents = item.latents();
      fixture.dit.remember(
          latents.slice(0, newest),
          fixture.at(0, modulation.rows(0, newest)),
          kv,
          fixture.workspace);
      // An earlier step of the frame leaves nothing behind.
      Tensor noise = latents.slice(0, 1);
      OasisFrames frame = fixture.at(newest, modulation.rows(newest, newest + 1));
      fixture.dit.forward(noise, frame, kv, fixture.workspace, fixture.velocity(1), Trace.NONE);
      item.same(newest, item.alone(latents, newest, modulation, kv));
    }
  }

  /** Where a frame's keys and values lie says nothing: a ring may overwrite the oldest one. */
  @ParameterizedTest
  @MethodSource("casesOfProperties")
  void aFrameMayLieAnywhereInTheCaches(Golden.Arguments arguments) {
    try (Golden golden = arguments.golden();
        Backend backend = arguments.backend();
        TensorArena arena = backend.newArena()) {
      OasisFixture fixture = fixture(arguments, golden, backend, arena);
      OasisFixture.Item item = fixture.item(0);
      int newest = fixture.frames - 1;
      OasisModulation modulation = item.modulation(true, Trace.NONE);
      OasisKvState kv = fixture.dit.newKvState(fixture.frames, arena);
      Tensor latents = item.latents();
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
      item.same(newest, velocity);
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
