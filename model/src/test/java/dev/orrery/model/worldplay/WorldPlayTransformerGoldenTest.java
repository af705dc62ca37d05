package dev.orrery.model.worldplay;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.position.RotaryTable;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.camera.Camera;
import dev.orrery.model.camera.Intrinsics;
import dev.orrery.model.camera.RigidTransform;
import dev.orrery.model.golden.Golden;
import dev.orrery.model.layers.Parameters;
import dev.orrery.runtime.checkpoint.JsonValue;
import dev.orrery.runtime.checkpoint.TensorSource;
import dev.orrery.runtime.checkpoint.Weights;
import dev.orrery.runtime.memory.KvCache;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.ActivationTrace;
import dev.orrery.runtime.trace.Trace;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The transformer against the reference implementation: first chunk, memory, chunk, single frame.
 */
class WorldPlayTransformerGoldenTest {
  private static final double LIMIT = 1e-5;

  static List<Golden.Arguments> cases() {
    return Golden.cases("worldplay", "dit");
  }

  /** The transformer of a fixture with its prompt. */
  static final class Fixture {
    final Golden.Arguments arguments;
    final Golden golden;
    final Backend backend;
    final TensorArena arena;
    final WorldPlayTransformerConfig config;
    final int rows;
    final int columns;
    final WorldPlayTransformer dit;
    final Workspace workspace;
    final Tensor text;
    final List<KvCache.View> texts;

    Fixture(Golden.Arguments arguments, Golden golden, Backend backend, TensorArena arena) {
      this(arguments, golden, backend, arena, config(golden), golden.weights(""));
    }

    /** The inputs of a fixture and another transformer that takes them. */
    Fixture(
        Golden.Arguments arguments,
        Golden golden,
        Backend backend,
        TensorArena arena,
        WorldPlayTransformerConfig config,
        TensorSource tensors) {
      this.arguments = arguments;
      this.golden = golden;
      this.backend = backend;
      this.arena = arena;
      this.config = config;
      rows = golden.config().integer("Hl") / config.patch();
      columns = golden.config().integer("Wl") / config.patch();
      Weights weights = Weights.of(tensors);
      dit = new WorldPlayTransformer(Parameters.ofTransformer(weights, backend, arena), config);
      weights.finish();
      workspace = Workspace.of(arena, Golden.AMPLE);
      DType tokens = backend.computeTypes().transformer();
      Tensor encoded = golden.tensor("text").row(0);
      Tensor features = Golden.moved(backend, arena, tokens, encoded);
      text = arena.empty(tokens, encoded.size(0), config.dim());
      dit.textContext(features, workspace, text);
      texts = dit.emptyTexts(encoded.size(0), arena);
      dit.textsInto(features, workspace, texts);
    }

    static WorldPlayTransformerConfig config(Golden golden) {
      JsonValue json = golden.config();
      return new WorldPlayTransformerConfig(
          json.integer("heads"),
          json.integer("head_dim"),
          json.integer("in_channels"),
          json.integer("text_dim"),
          json.integer("freq_dim"),
          json.integer("ffn_dim"),
          json.integer("layers"),
          json.integers("patch")[1],
          json.number("eps"));
    }

    WorldPlayKvState memory(int frames) {
      return dit.newKvState(texts, frames * rows * columns, arena);
    }

    /** The cameras of the given passes, one after the other, as one of the two matrices. */
    Tensor matrices(boolean inverse, String... passes) {
      int frames = 0;
      for (String pass : passes) {
        frames += golden.tensor(pass + ".action").size(1);
      }
      float[] values = new float[frames * 16];
      int at = 0;
      for (String pass : passes) {
        Tensor views = golden.tensor(pass + ".viewmats").row(0);
        Tensor lenses = golden.tensor(pass + ".Ks").row(0);
        for (int f = 0; f < views.size(0); f++) {
          Camera camera = camera(views.row(f).toFloats(), lenses.row(f).toFloats());
          float[] matrix = inverse ? camera.worldFromImage() : camera.imageFromWorld();
          System.arraycopy(matrix, 0, values, at, 16);
          at += 16;
        }
      }
      return moved(Tensor.of(values, frames, 4, 4));
    }

    /** Runs one pass; the values of the velocity, or null for the pass that fills the memory. */
    float[] run(String pass, int firstFrame, int slot, String before, WorldPlayKvState memory) {
      ActivationTrace trace = new ActivationTrace(backend);
      float[] velocity = run(pass, firstFrame, slot, before, memory, trace);
      assertTaps(pass, trace.values());
      return velocity;
    }

    /** The same without comparing anything. */
    float[] run(
        String pass,
        int firstFrame,
        int slot,
        String before,
        WorldPlayKvState memory,
        Trace trace) {
      Tensor actions = golden.tensor(pass + ".action").row(0);
      int frames = actions.size(0);
      float[] rotary = RotaryTable.video(slot, frames, rows, columns, config.headDim(), 10000);
      WorldPlayPositions step =
          new WorldPlayPositions(
              firstFrame,
              rows * columns,
              moved(Tensor.of(rotary, (long) frames * rows * columns, config.headDim() / 2, 2)),
              matrices(false, pass),
              before == null ? matrices(true, pass) : matrices(true, before, pass));
      Tensor x = golden.channelsLast(pass + ".x");
      boolean fills = !golden.has(pass + ".out");
      Tensor velocity = fills ? null : arena.empty(DType.F32, x.shape().extents());
      dit.forward(
          moved(x),
          moved(golden.tensor(pass + ".t")),
          moved(actions),
          step,
          memory,
          workspace,
          velocity,
          trace);
      return fills ? null : Golden.floats(backend, velocity);
    }

    void assertFlow(String pass, float[] found) {
      assertClose(pass + ".out", golden.channelsLast(pass + ".out").toFloats(), found);
    }

    /** All taps that exist here; outputs of the branches are added to the residual at once. */
    private void assertTaps(String pass, Map<String, float[]> taps) {
      for (String name :
          List.of("self_in", "q", "prope_attn", "rope_attn", "after_self", "after_cross", "out")) {
        String tap = "block0." + name;
        assertTrue(taps.containsKey(tap), tap);
        if (!name.equals("prope_attn") || !arguments.isGpu()) {
          assertClose(pass + "." + tap, golden.floats(pass + "." + tap), taps.get(tap));
        }
      }
      assertClose(
          pass + ".time_embed", golden.floats(pass + ".time_embed"), taps.get("time_embed"));
      String action = pass + ".action_embed";
      assertClose(action, golden.floats(action), taps.get("action_embed"));
      assertClose(
          pass + ".text_embed", golden.floats(pass + ".text_embed"), Golden.floats(backend, text));
    }

    void assertMemory(WorldPlayKvState memory) {
      for (int i = 0; i < config.layers(); i++) {
        String name = "memory.cache." + i;
        Tensor stored = golden.tensor(name + ".k");
        int tokens = stored.size(2);
        WorldPlayKvState.Layer layer = memory.layers().get(i);
        assertClose(
            name + ".k",
            firstHalf(stored),
            Golden.floats(backend, layer.rotatedKeys().slice(0, tokens)));
        assertClose(
            name + ".v",
            firstHalf(golden.tensor(name + ".v")),
            Golden.floats(backend, layer.values().slice(0, tokens)));
      }
    }

    /** The branch without cameras of a cache {@code [1, H, T, 2D]}, as {@code [T, H, D]}. */
    private float[] firstHalf(Tensor cache) {
      int heads = config.heads();
      int headDim = config.headDim();
      int tokens = cache.size(2);
      float[] from = cache.toFloats();
      float[] to = new float[from.length / 2];
      for (int h = 0; h < heads; h++) {
        for (int t = 0; t < tokens; t++) {
          System.arraycopy(
              from, (h * tokens + t) * 2 * headDim, to, (t * heads + h) * headDim, headDim);
        }
      }
      return to;
    }

    private void assertClose(String what, float[] expected, float[] found) {
      Golden.assertRelative(what, expected, found, arguments.isGpu() ? Golden.GPU_LIMIT : LIMIT);
    }

    private Tensor moved(Tensor host) {
      return Golden.moved(backend, arena, DType.F32, host);
    }
  }

  private static Camera camera(float[] view, float[] lens) {
    double[] matrix = new double[16];
    Arrays.setAll(matrix, i -> view[i]);
    return new Camera(
        RigidTransform.of(matrix).inverse(), new Intrinsics(lens[0], lens[4], 0.5, 0.5));
  }

  @ParameterizedTest
  @MethodSource("cases")
  void passesOfASession(Golden.Arguments arguments) {
    try (Golden golden = arguments.golden();
        Backend backend = arguments.backend();
        TensorArena arena = backend.newArena()) {
      Fixture fixture = new Fixture(arguments, golden, backend, arena);
      JsonValue slots = golden.config().get("slots");
      int memoryFrames = golden.config().integer("memory_frames");
      int chunk = golden.tensor("chunk.action").size(1);

      int slot = slots.integer("first");
      fixture.assertFlow("first", fixture.run("first", 0, slot, null, fixture.memory(chunk)));

      slot = slots.integer("single");
      fixture.assertFlow("single", fixture.run("single", 0, slot, null, fixture.memory(1)));

      WorldPlayKvState memory = fixture.memory(memoryFrames + chunk);
      fixture.run("memory", 0, slots.integer("memory"), null, memory);
      fixture.assertMemory(memory);
      slot = slots.integer("chunk");
      fixture.assertFlow("chunk", fixture.run("chunk", memoryFrames, slot, "memory", memory));
    }
  }
}
