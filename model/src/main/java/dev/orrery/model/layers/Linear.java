package dev.orrery.model.layers;

import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.linear.Epilogue;
import dev.orrery.kernels.tensor.Tensor;

/**
 * A linear layer, {@code out = activation(x weight^T + bias)}. Whether it is quantised, and how, is
 * the checkpoint's decision.
 */
public final class Linear {
  private final LinearWeight weight;
  private final Tensor bias;

  private Linear(LinearWeight weight, Tensor bias) {
    this.weight = weight;
    this.bias = bias;
  }

  /** A layer with {@code weight [out, in]} and {@code bias [out]}. */
  public static Linear of(Parameters p, int in, int out) {
    return new Linear(LinearWeight.of(p, in, out), p.get("bias", out));
  }

  /** A layer with {@code weight [out, in]} alone. */
  public static Linear withoutBias(Parameters p, int in, int out) {
    return new Linear(LinearWeight.of(p, in, out), null);
  }

  /**
   * A convolution whose kernel has one tap, which is a linear layer over the channels of every
   * pixel; stored as {@code [out, in, 1, ...]} with {@code taps} trailing ones, never quantised.
   */
  public static Linear pointwise(Parameters p, int in, int out, int taps) {
    long[] extents = new long[2 + taps];
    java.util.Arrays.fill(extents, 1);
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
    return new Linear(FloatWeight.of(p, weight), bias ? p.get("bias", extents[0]) : null);
  }

  /** The layer that computes outputs {@code [from, to)} of this one. */
  public Linear outputs(int from, int to) {
    return new Linear(weight.outputs(from, to), bias == null ? null : bias.slice(from, to));
  }

  /**
   * {@code x [T, in]}, gated and added to {@code residual [T, out]}.
   *
   * @param gate {@code [F, out]} with T / F tokens a frame, or null for one
   */
  public void addTo(Tensor residual, Tensor gate, LinearInput x) {
    weight.run(x, bias, new Epilogue.AddTo(gate, residual));
  }

  /** {@code x [T, in]} to {@code out [T, out]}. */
  public void forward(LinearInput x, Tensor out) {
    forward(x, Activation.NONE, out);
  }

  /** {@code x [T, in]} to {@code out [T, out]}. */
  public void forward(LinearInput x, Activation activation, Tensor out) {
    weight.run(x, bias, new Epilogue.Store(activation, out));
  }
}
