package dev.orrery.model.worldplayhy;

import dev.orrery.benchmarks.peers.Block;
import dev.orrery.benchmarks.peers.BlockMemory;
import dev.orrery.benchmarks.peers.OnnxLayers;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.runtime.memory.KvCache;
import dev.orrery.runtime.trace.Trace;
import java.util.Locale;

/**
 * The video stream of a block of WorldPlay-8B over one latent frame behind some that it remembers.
 *
 * @param tokens of a latent frame
 * @param window latent frames that are seen, this one included
 * @param text tokens of the prompt, the picture and quoted texts
 * @param headDim channels of a head
 * @param heads of the attentions
 */
public record WorldPlayHyPeerBlock(int tokens, int window, int text, int headDim, int heads)
    implements Block {
  /** The released width, with a short memory. */
  public static final WorldPlayHyPeerBlock RELEASED =
      new WorldPlayHyPeerBlock(1560, 3, 985, 128, 16);

  private static final double EPS = WorldPlayHyTransformerConfig.EPS;
  private static final int VECTORS = 6;
  private static final int EXPANSION = 4;

  @Override
  public String name() {
    return "WORLDPLAY_8B_BLOCK";
  }

  @Override
  public String shape() {
    return String.format(
        Locale.ROOT,
        "Tq x Tk x text x C x H x hidden = %d x %d x %d x %d x %d x %d",
        tokens,
        seenTokens(),
        text,
        dim(),
        heads,
        EXPANSION * dim());
  }

  private int dim() {
    return heads * headDim;
  }

  private int seenTokens() {
    return window * tokens;
  }

  private int past() {
    return (window - 1) * tokens;
  }

  @Override
  public int[] tokensShape() {
    return new int[] {tokens, dim()};
  }

  @Override
  public Pass pass(BlockMemory memory) {
    WorldPlayHyTransformerConfig released = WorldPlayHyTransformerConfig.RELEASED;
    WorldPlayHyTransformerConfig config =
        new WorldPlayHyTransformerConfig(
            heads,
            headDim,
            released.channels(),
            EXPANSION,
            1,
            released.rotary(),
            released.rotaryTheta(),
            released.states());
    VideoBlock block = new VideoBlock(memory.weights(), config);
    SeenFrames seen =
        new SeenFrames(
            past(),
            memory.input("rotary", seenTokens(), headDim / 2, 2),
            memory.matrices("camera", 1),
            memory.matrices("cameras", window));
    KvCache.View prompt = view(memory, "text", text);
    KvCache.View remembered = view(memory, "past", past());
    Tensor activated = memory.input("activated", 1, dim());
    return (x, frame) ->
        block.forward(
            x, activated, seen, prompt, remembered, VideoBlock.Use.READS, frame, Trace.NONE);
  }

  private KvCache.View view(BlockMemory memory, String name, int count) {
    return new KvCache.View(
        memory.input(name + "_keys", count, heads, headDim),
        memory.input(name + "_values", count, heads, headDim));
  }

  @Override
  public String graph(OnnxLayers onnx) {
    int dim = dim();
    String activated = onnx.input("activated", new int[] {1, dim}, 1, 1, dim);
    String[] vectors = new String[VECTORS];
    for (int i = 0; i < VECTORS; i++) {
      String path = "img_mod.linear";
      int all = VECTORS * dim;
      vectors[i] =
          onnx.node(
              "Add",
              onnx.outputs(activated, path, dim, all, i * dim, (i + 1) * dim),
              onnx.bias(path, all, i * dim, (i + 1) * dim));
    }
    String x = onnx.input(X, tokensShape(), 1, tokens, dim);

    String u = onnx.modulated(x, vectors[0], vectors[1], dim, EPS);
    String q = normed(onnx, u, "img_attn_q");
    String k = onnx.concatenated(given(onnx, "past_keys", past()), normed(onnx, u, "img_attn_k"));
    String v = onnx.linear(u, "img_attn_v", dim, dim);
    v = onnx.concatenated(given(onnx, "past_values", past()), v);
    String textKeys = given(onnx, "text_keys", text);
    String textValues = given(onnx, "text_values", text);
    String attended =
        onnx.attention(
            times(onnx, q, "camera", 1, false),
            onnx.concatenated(textKeys, times(onnx, k, "cameras", window, true)),
            onnx.concatenated(textValues, times(onnx, v, "cameras", window, true)),
            heads);
    attended = times(onnx, attended, "camera", 1, true);
    x = onnx.gated(x, vectors[2], onnx.linear(attended, "img_attn_prope_proj", dim, dim));
    attended =
        onnx.attention(
            onnx.rotated(q, "rotary", seenTokens(), past(), tokens, headDim / 2, heads),
            onnx.concatenated(
                textKeys,
                onnx.rotated(k, "rotary", seenTokens(), 0, seenTokens(), headDim / 2, heads)),
            onnx.concatenated(textValues, v),
            heads);
    x = onnx.gated(x, vectors[2], onnx.linear(attended, "img_attn_proj", dim, dim));

    u = onnx.modulated(x, vectors[3], vectors[4], dim, EPS);
    String wide = onnx.geluTanh(onnx.linear(u, "img_mlp.fc1", dim, EXPANSION * dim));
    return onnx.gated(x, vectors[5], onnx.linear(wide, "img_mlp.fc2", EXPANSION * dim, dim));
  }

  /** Heads are normalised one by one. */
  private String normed(OnnxLayers onnx, String x, String path) {
    String byHead = onnx.reshaped(onnx.linear(x, path, dim(), dim()), 1, tokens, heads, headDim);
    return onnx.reshaped(onnx.rmsNorm(byHead, path + "_norm", headDim, EPS), 1, tokens, dim());
  }

  private String given(OnnxLayers onnx, String name, int count) {
    return onnx.input(name, new int[] {count, heads, headDim}, 1, count, dim());
  }

  /** Groups of four channels times the matrix of their frame. */
  private String times(OnnxLayers onnx, String x, String cameras, int frames, boolean transposed) {
    return onnx.byMatrices(x, onnx.matrices(cameras, frames, transposed), frames, tokens, dim());
  }
}
