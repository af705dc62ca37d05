package dev.orrery.model.matrixgame2;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.position.RotaryTable;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.golden.BlockCausalAttention;
import dev.orrery.model.golden.Golden;
import dev.orrery.model.layers.AttentionPrecision;
import dev.orrery.model.layers.KvCacheAttention;
import dev.orrery.model.layers.Parameters;
import dev.orrery.runtime.checkpoint.TensorSource;
import dev.orrery.runtime.checkpoint.Weights;
import dev.orrery.runtime.memory.KvCache;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.ActivationTrace;
import dev.orrery.runtime.trace.Trace;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class MatrixGame2TransformerGoldenTest {
  private static final double TOLERANCE = 5e-5;

  static List<Golden.Arguments> cases() {
    return Golden.cases("dit_block_causal");
  }

  /** The transformer of a fixture with its inputs. */
  static final class Fixture {
    final Golden.Arguments arguments;
    final Golden golden;
    final Backend backend;
    final TensorArena arena;
    final MatrixGame2TransformerConfig config;
    final int framesPerChunk;
    final int blocks;
    final int height;
    final int width;
    final MatrixGame2Transformer dit;
    final Tensor imageContext;
    final List<KvCache.View> images;
    final Workspace workspace;
    final ActionHistory actions;

    Fixture(Golden.Arguments arguments, Golden golden, Backend backend, TensorArena arena) {
      this(arguments, golden, backend, arena, golden.weights(""));
    }

    Fixture(
        Golden.Arguments arguments,
        Golden golden,
        Backend backend,
        TensorArena arena,
        TensorSource tensors) {
      this(arguments, golden, backend, arena, tensors, AttentionPrecision.FLOAT);
    }

    Fixture(
        Golden.Arguments arguments,
        Golden golden,
        Backend backend,
        TensorArena arena,
        TensorSource tensors,
        AttentionPrecision attention) {
      this.arguments = arguments;
      this.golden = golden;
      this.backend = backend;
      this.arena = arena;
      config = MatrixGame2TransformerConfig.read(golden.config()).with(attention);
      framesPerChunk = golden.config().integer("num_frame_per_block");
      blocks = golden.config().integer("num_blocks");
      Tensor x = golden.tensor("inputs.x");
      height = x.size(3);
      width = x.size(4);
      Weights weights = Weights.of(tensors);
      dit = new MatrixGame2Transformer(Parameters.ofTransformer(weights, backend, arena), config);
      weights.finish();
      workspace = Workspace.of(arena, Golden.AMPLE);
      DType tokens = backend.computeTypes().transformer();
      Tensor features = moved(tokens, golden.tensor("inputs.visual_context").row(0));
      imageContext = arena.empty(tokens, features.size(0), config.dim());
      dit.imageContext(features, workspace, imageContext);
      images = dit.emptyImages(features.size(0), arena);
      dit.imagesInto(features, workspace, images);
      actions = new ActionHistory(config.action(), framesPerChunk * blocks);
      actions.put(
          0, ActionModuleGoldenTest.actions(golden, "inputs.keyboard_cond", "inputs.mouse_cond"));
    }

    private Tensor moved(DType dtype, Tensor host) {
      return Golden.moved(backend, arena, dtype, host);
    }

    private Tensor fp32(float[] values, long... extents) {
      return moved(DType.F32, Tensor.of(values, extents));
    }

    int tokensPerFrame() {
      return height / config.patch() * (width / config.patch());
    }

    MatrixGame2KvState rolling() {
      return dit.newKvState(images, tokensPerFrame(), arena);
    }

    /** State for one call over all frames of a video at once, as in training. */
    MatrixGame2KvState wholeSequence(int frames) {
      List<MatrixGame2KvState.Layer> layers = new ArrayList<>();
      for (MatrixGame2KvState.Layer layer : rolling().layers()) {
        MatrixGame2KvState.Actions actions = null;
        if (layer.actions() != null) {
          actions =
              new MatrixGame2KvState.Actions(
                  wholeSequence(layer.actions().mouse(), frames),
                  wholeSequence(layer.actions().keyboard(), frames));
        }
        layers.add(
            new MatrixGame2KvState.Layer(
                wholeSequence(layer.self(), frames), layer.image(), actions));
      }
      return new MatrixGame2KvState(layers);
    }

    private KvCacheAttention wholeSequence(KvCacheAttention rolling, int frames) {
      return rolling == null
          ? null
          : new BlockCausalAttention(rolling, framesPerChunk, config.localAttnSize())
              .over(frames, backend, arena);
    }

    MatrixGame2Chunk step(int startFrame, int frames, boolean mouse) {
      int headDim = config.dim() / config.heads();
      int rows = height / config.patch();
      int columns = width / config.patch();
      float[] video = RotaryTable.video(startFrame, frames, rows, columns, headDim, 10000);
      ActionConfig action = config.action();
      float[] turn =
          RotaryTable.frames(startFrame, frames, action.rotaryDim(), action.rotaryTheta());
      DType tokens = backend.computeTypes().transformer();
      Tensor mouseWindows =
          moved(
              tokens,
              Tensor.of(
                  actions.mouseWindows(startFrame, frames),
                  frames,
                  (long) action.window() * action.mouseDim()));
      Tensor keyboardWindows =
          moved(
              tokens,
              Tensor.of(
                  actions.keyboardWindows(startFrame, frames),
                  (long) frames * action.window(),
                  action.keyboardDim()));
      return new MatrixGame2Chunk(
          startFrame,
          tokensPerFrame(),
          fp32(video, (long) frames * rows * columns, headDim / 2, 2),
          new ActionModule.Inputs(
              mouse && action.enableMouse() ? mouseWindows : null,
              keyboardWindows,
              fp32(turn, frames, action.rotaryDim() / 2, 2)));
    }

    /** One pass over some frames; the velocity in the reference's order. */
    float[] pass(
        String suffix,
        int startFrame,
        int frames,
        boolean mouse,
        MatrixGame2KvState memory,
        Trace trace) {
      int end = startFrame + frames;
      Tensor x = golden.channelsLast("inputs.x" + suffix).slice(startFrame, end);
      Tensor condition = golden.channelsLast("inputs.cond_concat").slice(startFrame, end);
      Tensor timesteps = golden.tensor("inputs.timestep" + suffix).row(0).slice(startFrame, end);
      Tensor velocity = arena.empty(DType.F32, frames, height, width, config.outDim());
      MatrixGame2Chunk step = step(startFrame, frames, mouse);
      dit.forward(
          moved(DType.F32, x),
          moved(DType.F32, condition),
          moved(DType.F32, timesteps),
          step,
          memory,
          workspace,
          velocity,
          trace);
      float[] values = Golden.floats(backend, velocity);
      return Golden.channelsFirst(Tensor.of(values, velocity.shape().extents()));
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void cachedBlocks(Golden.Arguments arguments) {
    try (Golden golden = arguments.golden();
        Backend backend = arguments.backend();
        TensorArena arena = backend.newArena()) {
      Fixture fixture = new Fixture(arguments, golden, backend, arena);
      MatrixGame2KvState memory = fixture.rolling();
      for (int block = 0; block < fixture.blocks; block++) {
        for (int pass = 0; pass < 2; pass++) {
          String name = "outputs.cached.block" + block + ".pass" + pass;
          run(fixture, name, pass == 0 ? "" : "_second", block, true, memory);
        }
        assertIndices(golden, "outputs.cached.block" + block + ".cache_index", memory);
      }
      assertCaches(
          fixture, "outputs.cached.final_cache.", memory, fixture.config.action().enableMouse());
    }
  }

  @ParameterizedTest
  @MethodSource("cases")
  void cachedBlocksWithoutMouse(Golden.Arguments arguments) {
    try (Golden golden = arguments.golden();
        Backend backend = arguments.backend();
        TensorArena arena = backend.newArena()) {
      Fixture fixture = new Fixture(arguments, golden, backend, arena);
      MatrixGame2KvState memory = fixture.rolling();
      for (int block = 0; block < fixture.blocks; block++) {
        run(fixture, "outputs.cached_kb.block" + block + ".pass0", "", block, false, memory);
        assertIndices(golden, "outputs.cached_kb.block" + block + ".cache_index", memory);
      }
      assertCaches(fixture, "outputs.cached_kb.final_cache.", memory, false);
    }
  }

  private static void run(
      Fixture fixture,
      String name,
      String suffix,
      int block,
      boolean mouse,
      MatrixGame2KvState memory) {
    ActivationTrace trace = new ActivationTrace(fixture.backend);
    int frames = fixture.framesPerChunk;
    float[] velocity = fixture.pass(suffix, block * frames, frames, mouse, memory, trace);
    assertTaps(fixture, name + ".tap.", trace);
    fixture.arguments.assertClose(name, fixture.golden.floats(name), velocity, TOLERANCE);
  }

  /** Activations of the fixture that are fused with what follows them and exist nowhere here. */
  private static final Pattern FUSED =
      Pattern.compile(".*(norm1|self_attn_out|cross_attn_out|ffn_out)");

  /** Compares every tap of the fixture but the fused ones. */
  private static void assertTaps(Fixture fixture, String start, ActivationTrace trace) {
    Map<String, float[]> expected = new LinkedHashMap<>();
    for (String name : fixture.golden.names()) {
      if (name.startsWith(start) && !FUSED.matcher(name).matches()) {
        expected.put(name.substring(start.length()), fixture.golden.floats(name));
      }
    }
    if (expected.isEmpty()) {
      return;
    }
    float[] context = expected.remove("image_context");
    if (context != null) {
      fixture.arguments.assertClose(
          "image_context",
          context,
          Golden.floats(fixture.backend, fixture.imageContext),
          TOLERANCE);
    }
    if (expected.containsKey("time_projection")) {
      expected.put(
          "time_projection",
          vectorsFirst(expected.get("time_projection"), 6, fixture.config.dim()));
    }
    for (String name : expected.keySet()) {
      assertTrue(trace.values().containsKey(name), name + " was not tapped");
    }
    // In the order of computation, so that the first difference is the one that caused the others.
    for (Map.Entry<String, float[]> tap : trace.values().entrySet()) {
      float[] want = expected.get(tap.getKey());
      if (want != null) {
        fixture.arguments.assertClose(start + tap.getKey(), want, tap.getValue(), TOLERANCE);
      }
    }
  }

  /** {@code [F, n * C]} to {@code [n, F, C]}. */
  private static float[] vectorsFirst(float[] values, int vectors, int channels) {
    int frames = values.length / (vectors * channels);
    float[] out = new float[values.length];
    for (int f = 0; f < frames; f++) {
      for (int n = 0; n < vectors; n++) {
        System.arraycopy(
            values, (f * vectors + n) * channels, out, (n * frames + f) * channels, channels);
      }
    }
    return out;
  }

  private static void assertIndices(Golden golden, String name, MatrixGame2KvState memory) {
    KvCache self = memory.layers().getFirst().self().cache();
    KvCache keyboard = firstAction(memory).keyboard().cache();
    long[] found = {
      self.window().globalEnd(),
      self.window().localEnd(),
      keyboard.window().globalEnd(),
      keyboard.window().localEnd()
    };
    assertArrayEquals(golden.longs(name), found, name);
  }

  private static MatrixGame2KvState.Actions firstAction(MatrixGame2KvState memory) {
    return memory.layers().stream()
        .map(MatrixGame2KvState.Layer::actions)
        .filter(action -> action != null)
        .findFirst()
        .orElseThrow();
  }

  private static void assertCaches(
      Fixture fixture, String start, MatrixGame2KvState memory, boolean mouse) {
    assertCache(fixture, start + "self.", memory.layers().getFirst().self().cache());
    assertCache(fixture, start + "keyboard.", firstAction(memory).keyboard().cache());
    assertEquals(
        mouse, fixture.golden.has(start + "mouse.k"), "whether the fixture has a mouse cache");
    if (mouse) {
      KvCache found = firstAction(memory).mouse().cache();
      float[] keys = ActionModuleGoldenTest.byFrame(fixture.golden.tensor(start + "mouse.k"));
      float[] values = ActionModuleGoldenTest.byFrame(fixture.golden.tensor(start + "mouse.v"));
      fixture.arguments.assertClose(
          start + "mouse.k", keys, Golden.floats(fixture.backend, found.keys()), TOLERANCE);
      fixture.arguments.assertClose(
          start + "mouse.v", values, Golden.floats(fixture.backend, found.values()), TOLERANCE);
    }
  }

  private static void assertCache(Fixture fixture, String start, KvCache found) {
    fixture.arguments.assertClose(
        start + "k",
        fixture.golden.floats(start + "k"),
        Golden.floats(fixture.backend, found.keys()),
        TOLERANCE);
    fixture.arguments.assertClose(
        start + "v",
        fixture.golden.floats(start + "v"),
        Golden.floats(fixture.backend, found.values()),
        TOLERANCE);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void wholeSequences(Golden.Arguments arguments) {
    try (Golden golden = arguments.golden();
        Backend backend = arguments.backend();
        TensorArena arena = backend.newArena()) {
      Fixture fixture = new Fixture(arguments, golden, backend, arena);
      int block = fixture.framesPerChunk;
      float[] single = fixture.pass("", 0, block, true, fixture.wholeSequence(block), Trace.NONE);
      String name = "outputs.uncached_single_block";
      fixture.arguments.assertClose(name, golden.floats(name), single, TOLERANCE);

      int frames = block * fixture.blocks;
      ActivationTrace trace = new ActivationTrace(backend);
      float[] full = fixture.pass("", 0, frames, false, fixture.wholeSequence(frames), trace);
      assertTaps(fixture, "outputs.masked_kb.tap.", trace);
      name = "outputs.masked_kb.full";
      fixture.arguments.assertClose(name, golden.floats(name), full, TOLERANCE);
    }
  }
}
