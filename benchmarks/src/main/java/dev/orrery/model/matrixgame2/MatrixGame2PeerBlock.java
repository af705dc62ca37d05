package dev.orrery.model.matrixgame2;

import dev.orrery.benchmarks.peers.Block;
import dev.orrery.benchmarks.peers.BlockMemory;
import dev.orrery.benchmarks.peers.OnnxLayers;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.AttentionPrecision;
import dev.orrery.model.layers.KvCacheAttention;
import dev.orrery.model.layers.WindowAttention;
import dev.orrery.runtime.memory.KvCache;
import dev.orrery.runtime.trace.Trace;
import java.util.Locale;

/**
 * A block of Matrix-Game 2.0 without an action module, over one latent frame whose window is full.
 *
 * @param tokens of a latent frame
 * @param window latent frames that are seen, this one included
 * @param image tokens of the image
 * @param dim channels of a token
 * @param heads of the attentions
 * @param hidden channels of the feed-forward network
 */
public record MatrixGame2PeerBlock(
    int tokens, int window, int image, int dim, int heads, int hidden) implements Block {
  /** The released size. */
  public static final MatrixGame2PeerBlock RELEASED =
      new MatrixGame2PeerBlock(880, 6, 257, 1536, 12, 8960);

  private static final double EPS = 1e-6;
  private static final int VECTORS = MatrixGame2Block.MODULATION_VECTORS;

  @Override
  public String name() {
    return "MATRIX_GAME_2_BLOCK";
  }

  @Override
  public String shape() {
    return String.format(
        Locale.ROOT,
        "Tq x Tk x image x C x H x hidden = %d x %d x %d x %d x %d x %d",
        tokens,
        window * tokens,
        image,
        dim,
        heads,
        hidden);
  }

  @Override
  public int[] tokensShape() {
    return new int[] {tokens, dim};
  }

  private int headDim() {
    return dim / heads;
  }

  private int past() {
    return (window - 1) * tokens;
  }

  @Override
  public Pass pass(BlockMemory memory) {
    MatrixGame2TransformerConfig config =
        new MatrixGame2TransformerConfig(
            dim,
            hidden,
            256,
            heads,
            1,
            36,
            16,
            1280,
            EPS,
            2,
            window,
            0,
            null,
            AttentionPrecision.FLOAT);
    MatrixGame2Block block = new MatrixGame2Block(memory.weights(), config, false);
    KvCacheAttention self =
        KvCacheAttention.empty(
            WindowAttention.of(memory.backend(), AttentionPrecision.FLOAT),
            memory.backend(),
            memory.arena(),
            0,
            (long) window * tokens,
            heads,
            headDim());
    KvCache.View entries = self.append(0, past()).entries();
    memory.backend().copy(memory.input("past_keys", past(), heads, headDim()), entries.keys());
    memory.backend().copy(memory.input("past_values", past(), heads, headDim()), entries.values());
    KvCache.View seen =
        new KvCache.View(
            memory.input("image_keys", image, heads, headDim()),
            memory.input("image_values", image, heads, headDim()));
    MatrixGame2KvState.Layer kv = new MatrixGame2KvState.Layer(self, seen, null);
    Tensor time = memory.input("time", VECTORS, 1, dim);
    Tensor rotary = memory.input("rotary", tokens, headDim() / 2, 2);
    MatrixGame2Chunk chunk = new MatrixGame2Chunk(window - 1, tokens, rotary, null);
    return (x, frame) -> block.forward(x, time, chunk, kv, frame, Trace.NONE);
  }

  @Override
  public String graph(OnnxLayers onnx) {
    String[] vectors = new String[VECTORS];
    for (int i = 0; i < VECTORS; i++) {
      String said = onnx.row("time", new int[] {VECTORS, 1, dim}, i, 1, 1, dim);
      String table = onnx.weight("modulation", new int[] {1, VECTORS, dim}, i, 1, 1, dim);
      vectors[i] = onnx.node("Add", said, table);
    }
    String x = onnx.input(X, tokensShape(), 1, tokens, dim);

    String u = onnx.modulated(x, vectors[0], vectors[1], dim, EPS);
    String q = onnx.rmsNorm(onnx.linear(u, "self_attn.q", dim, dim), "self_attn.norm_q", dim, EPS);
    String k = onnx.rmsNorm(onnx.linear(u, "self_attn.k", dim, dim), "self_attn.norm_k", dim, EPS);
    String v = onnx.linear(u, "self_attn.v", dim, dim);
    q = onnx.rotated(q, "rotary", tokens, 0, tokens, headDim() / 2, heads);
    k = onnx.rotated(k, "rotary", tokens, 0, tokens, headDim() / 2, heads);
    int[] past = {past(), heads, headDim()};
    k = onnx.concatenated(onnx.input("past_keys", past, 1, past(), dim), k);
    v = onnx.concatenated(onnx.input("past_values", past, 1, past(), dim), v);
    String attended = onnx.attention(q, k, v, heads);
    x = onnx.gated(x, vectors[2], onnx.linear(attended, "self_attn.o", dim, dim));

    u = onnx.layerNorm(x, "norm3", dim, EPS);
    q = onnx.rmsNorm(onnx.linear(u, "cross_attn.q", dim, dim), "cross_attn.norm_q", dim, EPS);
    int[] seen = {image, heads, headDim()};
    attended =
        onnx.attention(
            q,
            onnx.input("image_keys", seen, 1, image, dim),
            onnx.input("image_values", seen, 1, image, dim),
            heads);
    x = onnx.node("Add", x, onnx.linear(attended, "cross_attn.o", dim, dim));

    u = onnx.modulated(x, vectors[3], vectors[4], dim, EPS);
    String wide = onnx.geluTanh(onnx.linear(u, "ffn.0", dim, hidden));
    return onnx.gated(x, vectors[5], onnx.linear(wide, "ffn.2", hidden, dim));
  }
}
