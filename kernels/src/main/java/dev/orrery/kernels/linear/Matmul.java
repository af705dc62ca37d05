package dev.orrery.kernels.linear;

import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.tensor.Check;
import dev.orrery.kernels.tensor.Tensor;
import java.util.List;

/**
 * Linear layer: {@code out = activation(x weight^T + bias)}.
 *
 * <p>Shapes: {@code x [M, K]}, {@code weight [N, K]} as checkpoints store it, {@code bias [N]} or
 * null, {@code out [M, N]}. K and N are any positive numbers.
 *
 * <p>Precision: fp32 accumulation or better, in an order over K that depends on neither M nor the
 * number of threads.
 *
 * <p>Errors: {@link IllegalArgumentException} for a shape or dtype that does not fit.
 */
public interface Matmul extends Kernel {
  /** As many layers as one launch can have: those to queries, keys and values. */
  int MOST_LAYERS = 3;

  /**
   * One of several linear layers of the same input.
   *
   * @param weight {@code [N, K]}
   * @param bias {@code [N]} or null
   * @param out {@code [M, N]}
   */
  record Layer(Tensor weight, Tensor bias, Tensor out) {}

  default void run(Tensor x, Tensor weight, Tensor bias, Activation activation, Tensor out) {
    check(x, weight, bias, out);
    launch(x, weight, bias, activation, out);
  }

  /**
   * Up to {@value #MOST_LAYERS} linear layers of the same input, without activation. Each out has
   * the bits that it would have by itself; a backend may take less time for all of them together.
   *
   * @param layers of equal shapes; no out overlaps another
   */
  default void run(Tensor x, List<Layer> layers) {
    Check.that(
        1 <= layers.size() && layers.size() <= MOST_LAYERS,
        "layers: expected 1 to " + MOST_LAYERS + ", found " + layers.size());
    Tensor first = layers.getFirst().out();
    for (Layer layer : layers) {
      check(x, layer.weight(), layer.bias(), layer.out());
      Check.tensor("out", layer.out(), x.dtype(), x.size(0), first.size(1));
    }
    launch(x, layers);
  }

  private void check(Tensor x, Tensor weight, Tensor bias, Tensor out) {
    Check.activation("x", x, 2, this::accepts);
    int rows = x.size(0);
    int depth = x.size(1);
    Check.that(weight.shape().rank() == 2, "weight: expected rank 2, found " + weight);
    int columns = weight.size(0);
    Check.weight("weight", weight, columns, depth);
    if (bias != null) {
      Check.weight("bias", bias, columns);
    }
    Check.tensor("out", out, x.dtype(), rows, columns);
  }

  /** Floating-point operations of a launch: a multiplication and an addition are two. */
  static double operations(
      Tensor x, Tensor weight, Tensor bias, Activation activation, Tensor out) {
    return 2.0 * x.elements() * weight.size(0);
  }

  /** The same of several layers. */
  static double operations(Tensor x, List<Layer> layers) {
    return layers.size() * 2.0 * x.elements() * layers.getFirst().weight().size(0);
  }

  /** Implemented by backends; arguments are checked. */
  void launch(Tensor x, Tensor weight, Tensor bias, Activation activation, Tensor out);

  /** Implemented by backends that compute several layers together; arguments are checked. */
  default void launch(Tensor x, List<Layer> layers) {
    for (Layer layer : layers) {
      launch(x, layer.weight(), layer.bias(), Activation.NONE, layer.out());
    }
  }
}
