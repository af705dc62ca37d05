package dev.orrery.model.vae;

import dev.orrery.kernels.conv.CausalConv3d;
import dev.orrery.kernels.conv.Edge;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.Parameters;
import dev.orrery.runtime.memory.FeatureCache;
import dev.orrery.runtime.memory.Workspace;

/**
 * A causal convolution in a stream: it remembers the last frames of its input. Before its first
 * frame a stream has zeros, or copies of that frame where the edge of frames is repeated.
 */
public final class CausalConv {
  private final Tensor weight;
  private final Tensor bias;
  private final Edge edge;
  private final int historyFrames;
  private final CausalConv3d conv;

  /** A convolution with {@code weight [out, in, frames, side, side]} and {@code bias [out]}. */
  public CausalConv(Parameters p, int in, int out, int frames, int side) {
    this(p, p.convolution("weight", out, in, frames, side, side), p.get("bias", out));
  }

  /** A convolution with {@code weight [frames, side, side, in, out]} and {@code bias [out]}. */
  public CausalConv(Parameters p, Tensor weight, Tensor bias) {
    this(p, weight, bias, Edge.ZEROS);
  }

  /** The same with another edge of frames. */
  public CausalConv(Parameters p, Tensor weight, Tensor bias, Edge edge) {
    this.weight = weight;
    this.bias = bias;
    this.edge = edge;
    historyFrames = weight.size(0) - 1;
    conv = p.kernel(CausalConv3d.class);
  }

  /** {@code x [T, Y, X, in]} to {@code [T, Y, X, out]}, with and into the layer's history. */
  public Tensor forward(Tensor x, FeatureCache cache, Workspace.Frame frame) {
    Tensor out = outputOf(x, frame);
    into(x, cache, out);
    return out;
  }

  /** Room for what {@code x [T, Y, X, in]} becomes. */
  Tensor outputOf(Tensor x, Workspace.Frame frame) {
    return frame.like(x, x.size(0), x.size(1), x.size(2), weight.size(4));
  }

  /** {@code x [T, Y, X, in]} to {@code out [T, Y, X, out]}, with and into the layer's history. */
  void into(Tensor x, FeatureCache cache, Tensor out) {
    FeatureCache.History history = cache.next(historyFrames, x);
    if (edge == Edge.REPEATED && !history.started()) {
      history.fill(x.slice(0, 1));
    }
    conv.run(history.frames(), x, weight, bias, 1, edge, out);
    history.push(x);
  }

  /** Convolves a given history and chunk with a stride in time; the caller keeps the history. */
  void into(Tensor history, Tensor x, int timeStride, Tensor out) {
    conv.run(history, x, weight, bias, timeStride, edge, out);
  }
}
