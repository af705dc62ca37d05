package dev.orrery.model.vid2world;

import dev.orrery.benchmarks.peers.Block;
import dev.orrery.benchmarks.peers.BlockMemory;
import dev.orrery.benchmarks.peers.OnnxLayers;
import java.util.List;
import java.util.Locale;

/**
 * A transformer of Vid2World's U-Net over the tokens of every frame of its window, at the finest
 * level, where most of the time goes.
 *
 * @param frames of the window
 * @param rows of a frame
 * @param columns of a frame
 * @param dim channels of a token
 * @param headDim channels of a head
 * @param image tokens of the window's first frame
 * @param contextDim channels of these and of the prompt's
 */
public record Vid2WorldPeerBlock(
    int frames, int rows, int columns, int dim, int headDim, int image, int contextDim)
    implements Block {
  /** The released size. */
  public static final Vid2WorldPeerBlock RELEASED =
      new Vid2WorldPeerBlock(10, 40, 64, 320, 64, 256, 1024);

  private static final String BLOCK = "transformer_blocks.0.";
  private static final double EPS = SpatialTransformer.LAYER_EPS;

  @Override
  public String name() {
    return "VID2WORLD_BLOCK";
  }

  @Override
  public String shape() {
    return String.format(
        Locale.ROOT,
        "F x S x C x H x text x image = %d x %d x %d x %d x %d x %d",
        frames,
        tokens(),
        dim,
        dim / headDim,
        UnetContext.TEXT_TOKENS,
        image);
  }

  private int tokens() {
    return rows * columns;
  }

  @Override
  public int[] tokensShape() {
    return new int[] {frames * tokens(), dim};
  }

  @Override
  public Pass pass(BlockMemory memory) {
    UnetConfig config =
        new UnetConfig(rows, columns, dim, List.of(1), 1, List.of(1), headDim, contextDim, 1);
    SpatialTransformer block = new SpatialTransformer(memory.weights(), dim, config);
    UnetContext context =
        new UnetContext(
            memory.input("text", UnetContext.TEXT_TOKENS, contextDim),
            memory.input("image", image, contextDim));
    UnetPass pass = new UnetPass(frames, null, context, null);
    return (x, frame) -> block.forward(x.reshape(frames, rows, columns, dim), pass, frame);
  }

  @Override
  public String graph(OnnxLayers onnx) {
    String x = onnx.input(X, tokensShape(), 1, frames * tokens(), dim);
    String normed =
        onnx.groupNorm(
            onnx.reshaped(x, frames, tokens(), dim), "norm", dim, SpatialTransformer.GROUP_EPS);
    String h = onnx.linear(normed, "proj_in", dim, dim);

    String u = onnx.layerNorm(h, BLOCK + "norm1", dim, EPS);
    int heads = dim / headDim;
    String attended =
        onnx.attention(
            onnx.withoutBias(u, BLOCK + "attn1.to_q", dim, dim),
            onnx.withoutBias(u, BLOCK + "attn1.to_k", dim, dim),
            onnx.withoutBias(u, BLOCK + "attn1.to_v", dim, dim),
            heads);
    h = onnx.node("Add", h, onnx.linear(attended, BLOCK + "attn1.to_out.0", dim, dim));

    u = onnx.layerNorm(h, BLOCK + "norm2", dim, EPS);
    String q = onnx.withoutBias(u, BLOCK + "attn2.to_q", dim, dim);
    q = onnx.reshaped(q, 1, frames * tokens(), dim);
    String seen =
        onnx.node(
            "Add",
            context(onnx, q, "text", UnetContext.TEXT_TOKENS, ""),
            context(onnx, q, "image", image, "_ip"));
    seen = onnx.reshaped(seen, frames, tokens(), dim);
    h = onnx.node("Add", h, onnx.linear(seen, BLOCK + "attn2.to_out.0", dim, dim));

    u = onnx.layerNorm(h, BLOCK + "norm3", dim, EPS);
    h = onnx.node("Add", h, gated(onnx, u));
    String out = onnx.linear(h, "proj_out", dim, dim);
    return onnx.node("Add", x, onnx.reshaped(out, 1, frames * tokens(), dim));
  }

  private String context(OnnxLayers onnx, String q, String name, int count, String suffix) {
    String given = onnx.input(name, new int[] {count, contextDim}, 1, count, contextDim);
    return onnx.attention(
        q,
        onnx.withoutBias(given, BLOCK + "attn2.to_k" + suffix, contextDim, dim),
        onnx.withoutBias(given, BLOCK + "attn2.to_v" + suffix, contextDim, dim),
        dim / headDim);
  }

  private String gated(OnnxLayers onnx, String x) {
    int hidden = 4 * dim;
    String path = BLOCK + "ff.net.0.proj";
    String value =
        onnx.node(
            "Add",
            onnx.outputs(x, path, dim, 2 * hidden, 0, hidden),
            onnx.bias(path, 2 * hidden, 0, hidden));
    String gate =
        onnx.node(
            "Add",
            onnx.outputs(x, path, dim, 2 * hidden, hidden, 2 * hidden),
            onnx.bias(path, 2 * hidden, hidden, 2 * hidden));
    String wide = onnx.node("Mul", value, onnx.geluErf(gate));
    return onnx.linear(wide, BLOCK + "ff.net.2", hidden, dim);
  }
}
