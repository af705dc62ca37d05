package dev.orrery.model.oasis;

import dev.orrery.benchmarks.peers.Block;
import dev.orrery.benchmarks.peers.BlockMemory;
import dev.orrery.benchmarks.peers.OnnxLayers;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.runtime.memory.KvCache;
import dev.orrery.runtime.trace.Trace;
import java.util.List;
import java.util.Locale;

/**
 * A block of Oasis, over the newest frame of a full window.
 *
 * @param side rows of tokens of a frame
 * @param columns columns of tokens
 * @param window frames that are seen, this one included
 * @param dim channels of a token
 * @param heads of the attentions
 * @param hidden channels of the MLPs
 */
public record OasisPeerBlock(int side, int columns, int window, int dim, int heads, int hidden)
    implements Block {
  /** The released size. */
  public static final OasisPeerBlock RELEASED = new OasisPeerBlock(9, 16, 32, 1024, 16, 4096);

  private static final int VECTORS = OasisModulation.LAYERS * OasisModulation.VECTORS_OF_LAYER + 2;

  @Override
  public String name() {
    return "OASIS_BLOCK";
  }

  @Override
  public String shape() {
    return String.format(
        Locale.ROOT,
        "T x window x C x H x hidden = %d x %d x %d x %d x %d",
        tokens(),
        window,
        dim,
        heads,
        hidden);
  }

  private int tokens() {
    return side * columns;
  }

  private int headDim() {
    return dim / heads;
  }

  @Override
  public int[] tokensShape() {
    return new int[] {tokens(), dim};
  }

  private int[] past() {
    return new int[] {window, tokens(), heads, headDim()};
  }

  @Override
  public Pass pass(BlockMemory memory) {
    OasisTransformerConfig config =
        new OasisTransformerConfig(2 * side, 2 * columns, 16, 2, dim, heads, 1, hidden, 25, window);
    OasisBlock block = new OasisBlock(memory.weights(), 0, config);
    OasisModulation modulation =
        new OasisModulation(memory.input("modulation", VECTORS, 1, dim), 0, 1);
    Tensor places = memory.input("places", tokens(), headDim() / 2, 2);
    Tensor time = memory.input("time", 1, headDim() / 2, 2);
    OasisFrames frames = OasisFrames.after(window - 1, modulation, time);
    OasisKvState kv =
        new OasisKvState(
            List.of(
                new KvCache.View(
                    memory.input("past_keys", past()), memory.input("past_values", past()))));
    return (x, frame) -> {
      block.spatial(x, modulation, places, frame, Trace.NONE);
      block.temporal(x, frames, kv, frame, Trace.NONE);
    };
  }

  @Override
  public String graph(OnnxLayers onnx) {
    String x = onnx.input(X, tokensShape(), 1, tokens(), dim);
    String u = modulated(onnx, x, 0);
    String q = turned(onnx, projected(onnx, u, "s_attn", 0), "places", tokens());
    String k = turned(onnx, projected(onnx, u, "s_attn", 1), "places", tokens());
    String attended = onnx.attention(q, k, projected(onnx, u, "s_attn", 2), heads);
    x = gated(onnx, x, 0, onnx.linear(attended, "blocks.0.s_attn.to_out", dim, dim));
    x = mlp(onnx, x, 1, "s_mlp");

    u = modulated(onnx, x, 2);
    q = turned(onnx, projected(onnx, u, "t_attn", 0), "time", 1);
    k = turned(onnx, projected(onnx, u, "t_attn", 1), "time", 1);
    k = overTime(onnx, "past_keys", k);
    String v = overTime(onnx, "past_values", projected(onnx, u, "t_attn", 2));
    attended = onnx.attention(onnx.reshaped(q, tokens(), 1, dim), k, v, heads);
    attended = onnx.reshaped(attended, 1, tokens(), dim);
    x = gated(onnx, x, 2, onnx.linear(attended, "blocks.0.t_attn.to_out", dim, dim));
    return mlp(onnx, x, 3, "t_mlp");
  }

  private String projected(OnnxLayers onnx, String x, String attention, int part) {
    String path = "blocks.0." + attention + ".to_qkv";
    return onnx.outputs(x, path, dim, 3 * dim, part * dim, (part + 1) * dim);
  }

  private String turned(OnnxLayers onnx, String x, String table, int rows) {
    return onnx.rotated(x, table, rows, 0, tokens(), headDim() / 2, heads);
  }

  /** Earlier frames at every position, then this one: {@code [S, window, C]}. */
  private String overTime(OnnxLayers onnx, String past, String now) {
    String before = onnx.inputByPosition(past, past(), window - 1, tokens(), dim);
    return onnx.concatenated(before, onnx.reshaped(now, tokens(), 1, dim));
  }

  private String vector(OnnxLayers onnx, int layer, int which) {
    int row = layer * OasisModulation.VECTORS_OF_LAYER + which;
    return onnx.row("modulation", new int[] {VECTORS, 1, dim}, row, 1, 1, dim);
  }

  private String modulated(OnnxLayers onnx, String x, int layer) {
    String shift = vector(onnx, layer, 0);
    return onnx.modulated(x, shift, vector(onnx, layer, 1), dim, OasisBlock.EPS);
  }

  private String gated(OnnxLayers onnx, String x, int layer, String y) {
    return onnx.gated(x, vector(onnx, layer, 2), y);
  }

  private String mlp(OnnxLayers onnx, String x, int layer, String name) {
    String path = "blocks.0." + name;
    String u = modulated(onnx, x, layer);
    String wide = onnx.geluTanh(onnx.linear(u, path + ".fc1", dim, hidden));
    return gated(onnx, x, layer, onnx.linear(wide, path + ".fc2", hidden, dim));
  }
}
