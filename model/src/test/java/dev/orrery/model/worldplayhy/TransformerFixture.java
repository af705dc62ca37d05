package dev.orrery.model.worldplayhy;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.camera.Camera;
import dev.orrery.model.golden.Golden;
import dev.orrery.model.layers.Parameters;
import dev.orrery.model.session.StartResources;
import dev.orrery.runtime.checkpoint.TensorSource;
import dev.orrery.runtime.checkpoint.Weights;
import dev.orrery.runtime.memory.KvCache;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.ActivationTrace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;

/** The transformer of the fixture {@code dit_ar}, its prompt, and what it remembers. */
class TransformerFixture {
  private static final double LIMIT = 1e-5;
  private static final int MATRIX = 16;

  final Golden.Arguments arguments;
  final Golden golden;
  final Backend backend;
  final TensorArena arena;
  final WorldPlayHyTransformerConfig config;
  final int layers;
  final int rows;
  final int columns;
  final WorldPlayHyTransformer dit;
  TextMemory prompt;
  final ContextMemory memory;
  final List<Camera> cameras;
  final Workspace workspace;
  Map<String, float[]> textTaps;

  /**
   * @param config of the transformer that takes the fixture's inputs
   * @param source its weights
   */
  TransformerFixture(
      Golden.Arguments arguments,
      Golden golden,
      Backend backend,
      TensorArena arena,
      WorldPlayHyTransformerConfig config,
      TensorSource source) {
    this.arguments = arguments;
    this.golden = golden;
    this.backend = backend;
    this.arena = arena;
    this.config = config;
    layers = golden.config().integer("depth");
    rows = golden.config().integer("h");
    columns = golden.config().integer("w");
    Weights weights = Weights.of(source);
    dit = new WorldPlayHyTransformer(Parameters.ofTransformer(weights, backend, arena), config);
    weights.finish();
    cameras = WorldPlayHyFixture.cameras(golden);
    memory = dit.newContextMemory((long) cameras.size() * rows * columns, arena);
    workspace = Workspace.of(arena, Golden.AMPLE);
  }

  /** The transformer of a fixture. */
  TransformerFixture(
      Golden.Arguments arguments, Golden golden, Backend backend, TensorArena arena) {
    this(
        arguments,
        golden,
        backend,
        arena,
        WorldPlayHyFixture.config(golden.config()),
        golden.weights(""));
  }

  /** All that the fixture has, in the order of a session. */
  void assertSession() {
    int context = golden.config().integer("context_frames");
    int chunk = golden.config().integer("chunk_frames");
    remember();
    assertText();
    assertChunk("first_chunk", 0, 0, chunk);
    fillMemory(context);
    assertMemory(context);
    assertChunk("chunk", context, context, chunk);
  }

  /** Runs the text stream. */
  void remember() {
    ActivationTrace trace = new ActivationTrace(backend);
    StartResources resources = new StartResources(backend, arena, workspace);
    PromptStates states = states(resources);
    prompt = dit.newTextMemory(states.tokens() + 3, arena);
    dit.text().remember(states, resources, prompt, trace);
    textTaps = trace.values();
  }

  /** Keys and values of the text in all blocks. */
  List<float[]> text() {
    List<float[]> all = new ArrayList<>();
    for (int i = 0; i < config.layers(); i++) {
      all.add(floats(prompt.block(i).keys()));
      all.add(floats(prompt.block(i).values()));
    }
    return all;
  }

  PromptStates states(StartResources resources) {
    return WorldPlayHyFixture.states(golden, backend, resources);
  }

  void assertText() {
    String refined = "outputs.txt_refined";
    assertClose(
        refined,
        WorldPlayHyFixture.validRows(golden, refined, "text_mask"),
        textTaps.get("txt_refined"));
    float[] glyphs = WorldPlayHyFixture.validRows(golden, "outputs.byt5_mapped", "byt5_mask");
    assertEquals(glyphs.length > 0, textTaps.containsKey("byt5_mapped"));
    if (glyphs.length > 0) {
      assertClose("outputs.byt5_mapped", glyphs, textTaps.get("byt5_mapped"));
    }
    String vision = "outputs.vision_mapped";
    assertClose(vision, golden.floats(vision), textTaps.get("vision_mapped"));
    for (int i = 0; i < layers; i++) {
      String block = "outputs.text.block" + i;
      if (i < config.layers() - 1) {
        assertClose(block, golden.floats(block), textTaps.get("block" + i + ".out"));
      }
      String cache = "outputs.cache.block" + i;
      KvCache.View kept = prompt.block(i);
      assertClose(cache + ".k_txt", byToken(cache + ".k_txt", 0), floats(kept.keys()));
      assertClose(cache + ".v_txt", byToken(cache + ".v_txt", 0), floats(kept.values()));
    }
  }

  /**
   * Runs a chunk.
   *
   * @param firstCamera of its frames
   * @param remembered frames before it
   */
  void assertChunk(String name, int firstCamera, int remembered, int frames) {
    ActivationTrace trace = new ActivationTrace(backend);
    Tensor latents = golden.channelsLast("inputs.chunk");
    Tensor velocity =
        arena.empty(DType.F32, latents.size(0), latents.size(1), latents.size(2), channels());
    float timestep = (float) golden.config().number("timestep");
    run(latents, timestep, firstCamera, remembered, velocity, trace);
    assertBlocks(name, layers, trace);
    String out = "outputs." + name + ".v";
    assertClose(out, golden.channelsLast(out).toFloats(), Golden.floats(backend, velocity));
  }

  void fillMemory(int frames) {
    ActivationTrace trace = new ActivationTrace(backend);
    float timestep = contextTimestep();
    run(golden.channelsLast("inputs.context"), timestep, 0, 0, null, trace);
    assertBlocks("context", Math.min(layers, config.layers() - 1), trace);
  }

  float contextTimestep() {
    return (float) golden.config().number("context_timestep");
  }

  /** Action classes of some frames. */
  float[] classes(int first, int frames) {
    return Arrays.copyOfRange(golden.floats("inputs.action"), first, first + frames);
  }

  /** Cosines and sines for the slots of a window. */
  float[] rotary(int frames) {
    return dit.rotary(frames, rows, columns);
  }

  /** What goes in beside the latents. */
  Tensor beside(Tensor condition) {
    return condition;
  }

  private void assertBlocks(String name, int count, ActivationTrace trace) {
    for (int i = 0; i < count; i++) {
      String block = "outputs." + name + ".block" + i;
      assertClose(block, golden.floats(block), trace.values().get("block" + i + ".out"));
    }
  }

  private int channels() {
    return config.channels();
  }

  private void run(
      Tensor input,
      float timestep,
      int firstCamera,
      int remembered,
      Tensor velocity,
      ActivationTrace trace) {
    int frames = input.size(0);
    int tokens = rows * columns;
    float[] times = new float[frames];
    Arrays.fill(times, timestep);
    float[] classes = classes(firstCamera, frames);
    int all = remembered + frames;
    float[] rotary = rotary(all);
    SeenFrames seen =
        new SeenFrames(
            remembered * tokens,
            moved(Tensor.of(rotary, (long) all * tokens, config.headDim() / 2, 2)),
            moved(matrices(firstCamera, frames, Camera::imageFromWorld)),
            moved(matrices(firstCamera - remembered, all, Camera::worldFromImage)));
    dit.forward(
        new WorldPlayHyTransformer.Frames(
            moved(channels(input, 0, channels())),
            moved(beside(channels(input, channels(), input.size(3)))),
            moved(Tensor.of(times, frames)),
            moved(Tensor.of(classes, frames))),
        seen,
        prompt,
        memory,
        workspace,
        velocity,
        trace);
  }

  private interface Matrix {
    float[] of(Camera camera);
  }

  private Tensor matrices(int first, int count, Matrix matrix) {
    float[] values = new float[count * MATRIX];
    for (int i = 0; i < count; i++) {
      System.arraycopy(matrix.of(cameras.get(first + i)), 0, values, i * MATRIX, MATRIX);
    }
    return Tensor.of(values, count, 4, 4);
  }

  /** Keys and values of the remembered frames, as each of the branches gets them. */
  void assertMemory(int frames) {
    int tokens = frames * rows * columns;
    for (int i = 0; i < layers; i++) {
      String cache = "outputs.cache.block" + i;
      float[] keys = floats(memory.block(i).keys().slice(0, tokens));
      float[] values = floats(memory.block(i).values().slice(0, tokens));
      assertClose(cache + ".k_vision", byToken(cache + ".k_vision", 0), rotated(keys, tokens));
      assertClose(cache + ".v_vision", byToken(cache + ".v_vision", 0), values);
      assertClose(cache + ".k_vision", byToken(cache + ".k_vision", 1), placed(keys, tokens));
      assertClose(cache + ".v_vision", byToken(cache + ".v_vision", 1), placed(values, tokens));
    }
  }

  /** Keys {@code [T, H, D]} of one branch of a cache {@code [branches, H, T, D]}. */
  private float[] byToken(String name, int branch) {
    Tensor stored = golden.tensor(name);
    int heads = stored.size(1);
    int tokens = stored.size(2);
    int headDim = stored.size(3);
    float[] from = stored.row(branch).toFloats();
    float[] to = new float[from.length];
    for (int h = 0; h < heads; h++) {
      for (int t = 0; t < tokens; t++) {
        System.arraycopy(from, (h * tokens + t) * headDim, to, (t * heads + h) * headDim, headDim);
      }
    }
    return to;
  }

  private float[] rotated(float[] keys, int tokens) {
    float[] table = dit.rotary(tokens / (rows * columns), rows, columns);
    float[] cosines = golden.floats("outputs.rope_cos");
    float[] sines = golden.floats("outputs.rope_sin");
    float[] out = new float[keys.length];
    int pairs = config.headDim() / 2;
    for (int i = 0; i < keys.length; i += 2) {
      int at = i / (2 * pairs * config.heads()) * pairs + i / 2 % pairs;
      assertEquals(cosines[2 * at], table[2 * at], 1e-6, "rope_cos");
      assertEquals(sines[2 * at], table[2 * at + 1], 1e-6, "rope_sin");
      out[i] = keys[i] * table[2 * at] - keys[i + 1] * table[2 * at + 1];
      out[i + 1] = keys[i + 1] * table[2 * at] + keys[i] * table[2 * at + 1];
    }
    return out;
  }

  /** Every group of four channels by the inverse projection of its frame. */
  private float[] placed(float[] x, int tokens) {
    float[] out = new float[x.length];
    int frameValues = x.length / (tokens / (rows * columns));
    for (int i = 0; i < x.length; i++) {
      float[] matrix = cameras.get(i / frameValues).worldFromImage();
      for (int j = 0; j < 4; j++) {
        out[i] += matrix[i % 4 * 4 + j] * x[i / 4 * 4 + j];
      }
    }
    return out;
  }

  private Tensor channels(Tensor x, int from, int to) {
    float[] all = x.toFloats();
    int width = x.size(3);
    float[] some = new float[all.length / width * (to - from)];
    for (int i = 0; i < some.length; i++) {
      some[i] = all[i / (to - from) * width + from + i % (to - from)];
    }
    return Tensor.of(some, x.size(0), x.size(1), x.size(2), to - from);
  }

  private float[] floats(Tensor tensor) {
    return Golden.floats(backend, tensor);
  }

  private void assertClose(String what, float[] expected, float[] found) {
    Golden.assertRelative(what, expected, found, arguments.isGpu() ? Golden.GPU_LIMIT : LIMIT);
  }

  Tensor moved(Tensor host) {
    return Golden.moved(backend, arena, DType.F32, host);
  }
}
