package dev.orrery.model.layers;

import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.linear.Matmul;
import dev.orrery.kernels.linear.MatmulResidual;
import dev.orrery.kernels.tensor.Tensor;

/** A linear layer, {@code out = activation(x weight^T + bias)}. */
public final class Linear {
  private final Matmul matmul;
  private final MatmulResidual matmulResidual;
  private final Tensor weight;
  private final Tensor bias;

  private Linear(Matmul matmul, MatmulResidual matmulResidual, Tensor weight, Tensor bias) {
    this.matmul = matmul;
    this.matmulResidual = matmulResidual;
    this.weight = weight;
    this.bias = bias;
  }

  private static Linear of(Parameters p, Tensor weight, Tensor bias) {
    return new Linear(p.kernel(Matmul.class), p.kernel(MatmulResidual.class), weight, bias);
  }

  /** A layer with {@code weight [out, in]} and {@code bias [out]}. */
  public static Linear of(Parameters p, int in, int out) {
    return of(p, p.get("weight", out, in), p.get("bias", out));
  }

  /** A layer with {@code weight [out, in]} alone. */
  public static Linear withoutBias(Parameters p, int in, int out) {
    return of(p, p.get("weight", out, in), null);
  }

  /**
   * A convolution whose kernel has one tap, which is a linear layer over the channels of every
   * pixel; stored as {@code [out, in, 1, ...]} with {@code taps} trailing ones.
   */
  public static Linear pointwise(Parameters p, int in, int out, int taps) {
    long[] extents = new long[2 + taps];
    java.util.Arrays.fill(extents, 1);
    extents[0] = out;
    extents[1] = in;
    return of(p, p.get("weight", extents).reshape(out, in), p.get("bias", out));
  }

  /**
   * A linear layer over flattened patches from the weight of a convolution whose stride is its
   * kernel.
   */
  public static Linear patches(Parameters p, boolean bias, long... extents) {
    long in = 1;
    for (int axis = 1; axis < extents.length; axis++) {
      in *= extents[axis];
    }
    Tensor weight = p.get("weight", extents).reshape(extents[0], in);
    return of(p, weight, bias ? p.get("bias", extents[0]) : null);
  }

  /** The layer that computes outputs {@code [from, to)} of this one. */
  public Linear outputs(int from, int to) {
    return new Linear(
        matmul, matmulResidual, weight.slice(from, to), bias == null ? null : bias.slice(from, to));
  }

  /**
   * {@code x [T, in]}, gated and added to {@code residual [T, out]}.
   *
   * @param gate {@code [F, out]} with T / F tokens a frame, or null for one
   */
  public void addTo(Tensor residual, Tensor gate, Tensor x) {
    matmulResidual.run(x, weight, bias, gate, residual);
  }

  /** {@code x [T, in]} to {@code out [T, out]}. */
  public void forward(Tensor x, Tensor out) {
    forward(x, Activation.NONE, out);
  }

  /** {@code x [T, in]} to {@code out [T, out]}. */
  public void forward(Tensor x, Activation activation, Tensor out) {
    matmul.run(x, weight, bias, activation, out);
  }
}
