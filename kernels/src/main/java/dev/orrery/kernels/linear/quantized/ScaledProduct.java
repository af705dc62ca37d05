package dev.orrery.kernels.linear.quantized;

import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.linear.Epilogue;
import dev.orrery.kernels.linear.Matmul;
import dev.orrery.kernels.tensor.Check;
import dev.orrery.kernels.tensor.Tensor;
import java.util.List;

/** What products of {@link ScaledRows} share, whatever the type of their values. */
public interface ScaledProduct {
  /**
   * One of several linear layers of the same input.
   *
   * @param weight {@code [N, K]}
   * @param bias {@code [N]} or null
   * @param out {@code [M, N]}
   */
  record Layer(ScaledRows weight, Tensor bias, Tensor out) {
    Epilogue epilogue() {
      return new Epilogue.Store(Activation.NONE, out);
    }
  }

  /** A linear layer of {@code x [M, K]} and {@code weight [N, K]}. */
  default void run(ScaledRows x, ScaledRows weight, Tensor bias, Epilogue epilogue) {
    check(x, weight, bias, epilogue);
    launch(x, weight, bias, epilogue);
  }

  /**
   * Up to {@link Matmul#MOST_LAYERS} linear layers of the same input, without activation. Each out
   * has the bits that it would have by itself; a backend may take less time for all of them
   * together.
   *
   * @param layers of equal shapes and types; no out overlaps another
   */
  default void run(ScaledRows x, List<Layer> layers) {
    Check.that(
        1 <= layers.size() && layers.size() <= Matmul.MOST_LAYERS,
        "layers: expected 1 to " + Matmul.MOST_LAYERS + ", found " + layers.size());
    Tensor first = layers.getFirst().out();
    for (Layer layer : layers) {
      check(x, layer.weight(), layer.bias(), layer.epilogue());
      Check.tensor("out", layer.out(), first.dtype(), first.size(0), first.size(1));
    }
    launch(x, layers);
  }

  /** Checks the arguments of a linear layer. */
  void check(ScaledRows x, ScaledRows weight, Tensor bias, Epilogue epilogue);

  /** Floating-point operations of several layers: a multiplication and an addition are two. */
  static double operations(ScaledRows x, List<Layer> layers) {
    return layers.size() * 2.0 * x.values().elements() * layers.getFirst().out().size(1);
  }

  /** Implemented by backends; arguments are checked. */
  void launch(ScaledRows x, ScaledRows weight, Tensor bias, Epilogue epilogue);

  /** Implemented by backends that compute several layers together; arguments are checked. */
  default void launch(ScaledRows x, List<Layer> layers) {
    for (Layer layer : layers) {
      launch(x, layer.weight(), layer.bias(), layer.epilogue());
    }
  }
}
