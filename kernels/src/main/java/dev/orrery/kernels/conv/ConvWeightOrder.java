package dev.orrery.kernels.conv;

import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.tensor.Check;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;

/**
 * Brings the weight of a convolution from the order of checkpoints, {@code [Co, Ci, taps...]}, into
 * that of the channels-last kernels, {@code [taps..., Ci, Co]}. Element bits are moved, never
 * converted. Runs once, when a model is loaded.
 *
 * <p>Errors: {@link IllegalArgumentException} for a shape or dtype that does not fit.
 */
public interface ConvWeightOrder extends Kernel {
  /** The shape of the result: {@code [Co, Ci, taps...]} becomes {@code [taps..., Ci, Co]}. */
  static Shape channelsLast(Shape stored) {
    long[] from = stored.extents();
    int taps = from.length - 2;
    long[] to = new long[from.length];
    System.arraycopy(from, 2, to, 0, taps);
    to[taps] = from[1];
    to[taps + 1] = from[0];
    return Shape.of(to);
  }

  default void run(Tensor stored, Tensor out) {
    Check.that(stored.shape().rank() > 2, "stored: expected [Co, Ci, taps...], found " + stored);
    Check.tensor("out", out, stored.dtype(), channelsLast(stored.shape()).extents());
    launch(stored, out);
  }

  /** Implemented by backends; arguments are checked. */
  void launch(Tensor stored, Tensor out);
}
