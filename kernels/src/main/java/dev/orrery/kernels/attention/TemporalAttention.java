package dev.orrery.kernels.attention;

import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.tensor.Check;
import dev.orrery.kernels.tensor.Tensor;

/**
 * Attention over time at every position of the token grid: the query of frame f at position s sees
 * the keys of the visible frames at that same position, {@code out[f, s, h] = sum_j softmax_j(scale
 * * q[f, s, h] . k[j, s, h]) v[j, s, h]}.
 *
 * <p>Shapes: {@code q, out [F, S, H, D]}, {@code k, v [Fk, S, H, D]}, Fk positive, and at least F
 * if attention is causal.
 *
 * <p>Errors: {@link IllegalArgumentException} for a shape or dtype that does not fit.
 */
public interface TemporalAttention extends Kernel {
  /** Attention of every query frame to all key frames. */
  default void run(Tensor q, Tensor k, Tensor v, double scale, Tensor out) {
    run(q, k, v, Visibility.ALL, scale, out);
  }

  /**
   * Attention to the key frames that are visible.
   *
   * @param visibility j goes over 0 .. Fk - 1, or if it is causal over 0 .. Fk - F + f
   */
  default void run(Tensor q, Tensor k, Tensor v, Visibility visibility, double scale, Tensor out) {
    Check.activation("q", q, 4, this::accepts);
    Check.rank("k", k, q.dtype(), 4);
    int keyFrames = k.size(0);
    Check.that(keyFrames > 0, "k: expected at least one frame, found " + k);
    Check.that(
        visibility == Visibility.ALL || keyFrames >= q.size(0),
        "k: expected at least the " + q.size(0) + " frames of q, found " + k);
    Check.tensor("k", k, q.dtype(), keyFrames, q.size(1), q.size(2), q.size(3));
    Check.tensor("v", v, q.dtype(), keyFrames, q.size(1), q.size(2), q.size(3));
    Check.tensor("out", out, q.dtype(), q.shape().extents());
    launch(q, k, v, visibility, scale, out);
  }

  /** Floating-point operations of a launch: a multiplication and an addition are two. */
  static double operations(
      Tensor q, Tensor k, Tensor v, Visibility visibility, double scale, Tensor out) {
    double hidden = visibility == Visibility.ALL ? 0 : (q.size(0) - 1) / 2.0;
    return 4 * q.elements() * (k.size(0) - hidden);
  }

  /** Implemented by backends; arguments are checked. */
  void launch(Tensor q, Tensor k, Tensor v, Visibility visibility, double scale, Tensor out);
}
