package dev.orrery.model.genie1x;

import dev.orrery.benchmarks.peers.Block;
import dev.orrery.benchmarks.peers.BlockMemory;
import dev.orrery.benchmarks.peers.OnnxLayers;
import dev.orrery.model.genie.FrameCache;
import java.util.Locale;

/**
 * A block of 1xgpt over all frames of its window, each of which sees itself and earlier ones.
 *
 * @param frames of the window
 * @param side rows and columns of a frame's tokens
 * @param dim channels of a token
 * @param heads of the attentions
 * @param hidden channels of the MLP
 */
public record GeniePeerBlock(int frames, int side, int dim, int heads, int hidden)
    implements Block {
  /** The released size. */
  public static final GeniePeerBlock RELEASED = new GeniePeerBlock(16, 16, 256, 8, 1024);

  private static final double EPS = 1e-5;

  @Override
  public String name() {
    return "GENIE_BLOCK";
  }

  @Override
  public String shape() {
    return String.format(
        Locale.ROOT,
        "F x S x C x H x hidden = %d x %d x %d x %d x %d",
        frames,
        tokens(),
        dim,
        heads,
        hidden);
  }

  private int tokens() {
    return side * side;
  }

  @Override
  public int[] tokensShape() {
    return new int[] {frames * tokens(), dim};
  }

  @Override
  public Pass pass(BlockMemory memory) {
    StMaskGitConfig.Options options = new StMaskGitConfig.Options(false, false, false, true, true);
    StMaskGitConfig config =
        new StMaskGitConfig(1, heads, dim, frames, side, null, hidden, options);
    StMaskGitBlock block = new StMaskGitBlock(memory.weights(), config);
    int[] window = {frames, tokens(), heads, dim / heads};
    FrameCache.Layer cache =
        new FrameCache.Layer(memory.input("keys", window), memory.input("values", window));
    return (x, frame) -> block.forward(x, 0, cache, frame);
  }

  @Override
  public String graph(OnnxLayers onnx) {
    int all = frames * tokens();
    String x = onnx.input(X, tokensShape(), 1, all, dim);
    String u = onnx.layerNorm(x, "norm1", dim, EPS);
    String[] spatial = new String[3];
    String[] temporal = new String[3];
    for (int part = 0; part < 3; part++) {
      spatial[part] =
          onnx.reshaped(projected(onnx, u, "spatial_attn", part), frames, tokens(), dim);
    }
    String attended = onnx.attention(spatial[0], spatial[1], spatial[2], heads);
    attended = onnx.reshaped(attended, 1, all, dim);
    x = onnx.node("Add", x, onnx.linear(attended, "spatial_attn.proj", dim, dim));

    String byPosition = onnx.transposed(onnx.reshaped(x, frames, tokens(), dim), 1, 0, 2);
    for (int part = 0; part < 3; part++) {
      temporal[part] = projected(onnx, byPosition, "temporal_attn", part);
    }
    attended = onnx.attention(temporal[0], temporal[1], temporal[2], heads, true);
    attended = onnx.reshaped(onnx.transposed(attended, 1, 0, 2), 1, all, dim);
    x = onnx.node("Add", x, onnx.linear(attended, "temporal_attn.proj", dim, dim));

    u = onnx.layerNorm(x, "norm2", dim, EPS);
    String wide = onnx.geluErf(onnx.linear(u, "mlp.fc1", dim, hidden));
    return onnx.node("Add", x, onnx.linear(wide, "mlp.fc2", hidden, dim));
  }

  private String projected(OnnxLayers onnx, String x, String attention, int part) {
    return onnx.outputs(x, attention + ".qkv", dim, 3 * dim, part * dim, (part + 1) * dim);
  }
}
