package dev.orrery.model.worldplay;

import dev.orrery.benchmarks.peers.Block;
import dev.orrery.benchmarks.peers.BlockMemory;
import dev.orrery.benchmarks.peers.OnnxLayers;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.runtime.memory.KvCache;
import dev.orrery.runtime.trace.Trace;
import java.util.Locale;

/**
 * A block of WorldPlay-5B over one latent frame behind some that it remembers.
 *
 * @param tokens of a latent frame
 * @param window latent frames that are seen, this one included
 * @param text tokens of the prompt
 * @param headDim channels of a head
 * @param heads of the attentions
 * @param hidden channels of the feed-forward network
 */
public record WorldPlayPeerBlock(
    int tokens, int window, int text, int headDim, int heads, int hidden) implements Block {
  /** The released width, with a short memory. */
  public static final WorldPlayPeerBlock RELEASED =
      new WorldPlayPeerBlock(880, 5, 512, 128, 24, 14336);

  private static final double EPS = 1e-6;
  private static final int VECTORS = WorldPlayBlock.MODULATION_VECTORS;

  @Override
  public String name() {
    return "WORLDPLAY_5B_BLOCK";
  }

  @Override
  public String shape() {
    return String.format(
        Locale.ROOT,
        "Tq x Tk x text x C x H x hidden = %d x %d x %d x %d x %d x %d",
        tokens,
        window * tokens,
        text,
        dim(),
        heads,
        hidden);
  }

  private int dim() {
    return heads * headDim;
  }

  @Override
  public int[] tokensShape() {
    return new int[] {tokens, dim()};
  }

  private int[] seen() {
    return new int[] {window * tokens, heads, headDim};
  }

  private int[] prompt() {
    return new int[] {text, heads, headDim};
  }

  @Override
  public Pass pass(BlockMemory memory) {
    WorldPlayTransformerConfig config =
        new WorldPlayTransformerConfig(heads, headDim, 48, 4096, 256, hidden, 1, 2, EPS);
    WorldPlayBlock block = new WorldPlayBlock(memory.weights(), config);
    WorldPlayPositions positions =
        new WorldPlayPositions(
            window - 1,
            tokens,
            memory.input("rotary", tokens, headDim / 2, 2),
            memory.matrices("camera", 1),
            memory.matrices("cameras", window));
    WorldPlayKvState.Layer kv =
        new WorldPlayKvState.Layer(
            memory.input("rotated_keys", seen()),
            memory.input("keys", seen()),
            memory.input("values", seen()),
            new KvCache.View(
                memory.input("text_keys", prompt()), memory.input("text_values", prompt())));
    Tensor time = memory.input("time", VECTORS, 1, dim());
    return (x, frame) -> block.forward(x, time, positions, kv, false, frame, Trace.NONE);
  }

  @Override
  public String graph(OnnxLayers onnx) {
    int dim = dim();
    String[] vectors = new String[VECTORS];
    for (int i = 0; i < VECTORS; i++) {
      String said = onnx.row("time", new int[] {VECTORS, 1, dim}, i, 1, 1, dim);
      String table = onnx.weight("scale_shift_table", new int[] {1, VECTORS, dim}, i, 1, 1, dim);
      vectors[i] = onnx.node("Add", said, table);
    }
    String x = onnx.input(X, tokensShape(), 1, tokens, dim);

    String u = onnx.modulated(x, vectors[0], vectors[1], dim, EPS);
    String q = normed(onnx, u, "attn1.to_q", "attn1.norm_q");
    String k = normed(onnx, u, "attn1.to_k", "attn1.norm_k");
    String values = remembered(onnx, "values", onnx.linear(u, "attn1.to_v", dim, dim));
    String keys = remembered(onnx, "keys", k);
    String rotatedKeys = remembered(onnx, "rotated_keys", turned(onnx, k));
    String attended =
        onnx.attention(
            times(onnx, q, "camera", 1, false),
            times(onnx, keys, "cameras", window, true),
            times(onnx, values, "cameras", window, true),
            heads);
    attended = times(onnx, attended, "camera", 1, true);
    x = onnx.gated(x, vectors[2], onnx.linear(attended, "attn1.to_out_prope.0", dim, dim));
    attended = onnx.attention(turned(onnx, q), rotatedKeys, values, heads);
    x = onnx.gated(x, vectors[2], onnx.linear(attended, "attn1.to_out.0", dim, dim));

    u = onnx.layerNorm(x, "norm2", dim, EPS);
    q = normed(onnx, u, "attn2.to_q", "attn2.norm_q");
    attended =
        onnx.attention(
            q,
            onnx.input("text_keys", prompt(), 1, text, dim),
            onnx.input("text_values", prompt(), 1, text, dim),
            heads);
    x = onnx.node("Add", x, onnx.linear(attended, "attn2.to_out.0", dim, dim));

    u = onnx.modulated(x, vectors[3], vectors[4], dim, EPS);
    String wide = onnx.geluTanh(onnx.linear(u, "ffn.net.0.proj", dim, hidden));
    return onnx.gated(x, vectors[5], onnx.linear(wide, "ffn.net.2", hidden, dim));
  }

  private String normed(OnnxLayers onnx, String x, String linear, String norm) {
    return onnx.rmsNorm(onnx.linear(x, linear, dim(), dim()), norm, dim(), EPS);
  }

  private String turned(OnnxLayers onnx, String x) {
    return onnx.rotated(x, "rotary", tokens, 0, tokens, headDim / 2, heads);
  }

  private String remembered(OnnxLayers onnx, String name, String now) {
    int past = (window - 1) * tokens;
    return onnx.concatenated(onnx.input(name, seen(), 1, past, dim()), now);
  }

  /** Groups of four channels times the matrix of their frame. */
  private String times(OnnxLayers onnx, String x, String cameras, int frames, boolean transposed) {
    return onnx.byMatrices(x, onnx.matrices(cameras, frames, transposed), frames, tokens, dim());
  }
}
