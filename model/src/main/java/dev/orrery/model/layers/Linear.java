package dev.orrery.model.layers;

import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.linear.Epilogue;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.runtime.memory.Workspace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A linear layer, {@code activation(x weight^T + bias)}. Whether it is quantised, and how, is the
 * checkpoint's decision.
 */
public final class Linear {
  private final LinearWeight weight;
  private final Tensor bias;
  private final int outChannels;

  private Linear(LinearWeight weight, Tensor bias, int outChannels) {
    this.weight = weight;
    this.bias = bias;
    this.outChannels = outChannels;
  }

  /** A layer with {@code weight [out, in]} and {@code bias [out]}. */
  public static Linear of(Parameters p, int in, int out) {
    return new Linear(LinearWeight.of(p, in, out), p.get("bias", out), out);
  }

  /** A layer with {@code weight [out, in]} alone. */
  public static Linear withoutBias(Parameters p, int in, int out) {
    return new Linear(LinearWeight.of(p, in, out), null, out);
  }

  /**
   * The layers to queries, keys and values as PyTorch's {@code MultiheadAttention} stores them:
   * {@code in_proj_weight [3 dim, dim]} and {@code in_proj_bias [3 dim]}, never quantised.
   */
  public static Linear attentionInputs(Parameters p, int dim) {
    Tensor weight = p.get("in_proj_weight", 3L * dim, dim);
    return new Linear(FloatWeight.of(p, weight), p.get("in_proj_bias", 3L * dim), 3 * dim);
  }

  /** A layer with {@code weight [in, out]} alone, a row for each input; never quantised. */
  public static Linear ofRows(Parameters p, int in, int out) {
    return new Linear(FloatWeight.of(p, p.transposed("weight", in, out)), null, out);
  }

  /**
   * A convolution whose kernel has one tap, which is a linear layer over the channels of every
   * pixel; stored as {@code [out, in, 1, ...]} with {@code taps} trailing ones, never quantised.
   */
  public static Linear pointwise(Parameters p, int in, int out, int taps) {
    long[] extents = new long[2 + taps];
    Arrays.fill(extents, 1);
    extents[0] = out;
    extents[1] = in;
    return patches(p, true, extents);
  }

  /**
   * A linear layer over flattened patches from the weight of a convolution whose stride is its
   * kernel, never quantised.
   */
  public static Linear patches(Parameters p, boolean bias, long... extents) {
    long in = 1;
    for (int axis = 1; axis < extents.length; axis++) {
      in *= extents[axis];
    }
    Tensor weight = p.get("weight", extents).reshape(extents[0], in);
    Tensor offsets = bias ? p.get("bias", extents[0]) : null;
    return new Linear(FloatWeight.of(p, weight), offsets, (int) extents[0]);
  }

  /**
   * A layer from {@code kernel [in.., out..]} and {@code bias [out..]} as Flax stores them, never
   * quantised.
   *
   * @param in extents of the inputs
   * @param out extents of the outputs
   */
  public static Linear flax(Parameters p, long[] in, long[] out) {
    Tensor bias = p.vector("bias", out);
    Tensor weight = p.transposed("kernel", in, out);
    return new Linear(FloatWeight.of(p, weight), bias, weight.size(0));
  }

  /** The layer that computes outputs {@code [from, to)} of this one. */
  public Linear outputs(int from, int to) {
    Tensor some = bias == null ? null : bias.slice(from, to);
    return new Linear(weight.outputs(from, to), some, to - from);
  }

  int outChannels() {
    return outChannels;
  }

  /** {@code x [T, in]} to {@code [T, out]}. */
  public Tensor forward(Tensor x, Workspace.Frame frame) {
    return forward(x, Activation.NONE, frame);
  }

  /** {@code x [T, in]} to {@code [T, out]}. */
  public Tensor forward(Tensor x, Activation activation, Workspace.Frame frame) {
    Tensor out = frame.like(x, x.size(0), outChannels);
    try (Workspace.Frame inner = frame.inner()) {
      into(LinearInput.of(x, inner), activation, out);
    }
    return out;
  }

  /** {@code x [T, in]} to {@code [T, out]} of the frame of the input. */
  public Tensor forward(LinearInput x) {
    return forward(x, Activation.NONE);
  }

  /** {@code x [T, in]} to {@code [T, out]} of the frame of the input. */
  public Tensor forward(LinearInput x, Activation activation) {
    Tensor out = x.frame().like(x.tensor(), x.tensor().size(0), outChannels);
    into(x, activation, out);
    return out;
  }

  /** {@code x [T, in]} to {@code out [T, out]}. */
  public void into(Tensor x, Tensor out, Workspace.Frame frame) {
    try (Workspace.Frame inner = frame.inner()) {
      into(LinearInput.of(x, inner), out);
    }
  }

  /** {@code x [T, in]} to {@code out [T, out]}. */
  public void into(Tensor x, Activation activation, Tensor out, Workspace.Frame frame) {
    try (Workspace.Frame inner = frame.inner()) {
      into(LinearInput.of(x, inner), activation, out);
    }
  }

  /** {@code x [T, in]} to {@code out [T, out]}. */
  public void into(LinearInput x, Tensor out) {
    into(x, Activation.NONE, out);
  }

  void into(LinearInput x, Activation activation, Tensor out) {
    weight.run(x, bias, new Epilogue.Store(activation, out));
  }

  /**
   * Several layers of one input with as many outputs, {@code x [T, in]} to {@code [T, out]} of
   * each: together where their weights are stored alike.
   *
   * @param outs one for each layer; none overlaps another
   */
  public static void allInto(LinearInput x, List<Linear> layers, List<Tensor> outs) {
    List<LinearWeight.Part> parts = new ArrayList<>();
    for (int i = 0; i < layers.size(); i++) {
      Linear layer = layers.get(i);
      parts.add(new LinearWeight.Part(layer.weight, layer.bias, outs.get(i)));
    }
    if (!parts.getFirst().weight().runAll(x, parts)) {
      for (int i = 0; i < layers.size(); i++) {
        layers.get(i).into(x, outs.get(i));
      }
    }
  }

  /**
   * {@code x [T, in]}, gated and added to {@code residual [T, out]}.
   *
   * @param gate {@code [F, out]} with T / F tokens a frame, or null for one
   */
  public void addTo(Tensor residual, Tensor gate, Tensor x, Workspace.Frame frame) {
    try (Workspace.Frame inner = frame.inner()) {
      weight.run(LinearInput.of(x, inner), bias, new Epilogue.AddTo(gate, residual));
    }
  }
}
