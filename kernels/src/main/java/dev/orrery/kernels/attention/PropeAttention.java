package dev.orrery.kernels.attention;

import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.tensor.Check;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;

/**
 * Multi-head attention that sees where the cameras stood (projective position encoding, PRoPE):
 * {@code out[i, h] = P_i sum_j softmax_j(scale * (P_i^T q[i, h]) . (P_j^-1 k[j, h])) P_j^-1 v[j,
 * h]}. P_i is the 4x4 matrix {@code imageFromWorld} of the frame of query i, {@code P_j^-1} the
 * matrix {@code worldFromImage} of the frame of key j; a matrix multiplies every group of four
 * consecutive channels as a column vector. So attention depends on {@code P_i P_j^-1} alone, the
 * way from the image of the key's frame to that of the query's, and within one frame it is {@link
 * Attention}.
 *
 * <p>The first keys may belong to no frame, as those of a text: they and their values are taken as
 * they are, as if {@code P_j^-1} were the identity. What a query sees of them is transformed by
 * {@code P_i} with the rest.
 *
 * <p>Shapes: {@code q, out [Tq, H, D]}, {@code k, v [Tk, H, D]}, {@code imageFromWorld [Fq, 4, 4]},
 * {@code worldFromImage [Fk, 4, 4]}, D a multiple of four. Each of the Fq frames has the same
 * number of consecutive queries; behind the plain keys, each of the Fk frames has the same number
 * of consecutive keys, at least one. The matrices are fp32 on every backend; those of keys are
 * given, not computed, because inverting a rigid pose needs no general inverse.
 *
 * <p>Backends with 16-bit activations round the transformed queries, keys and values to that type,
 * as a call for each transform would. {@code room [roomRows(k), H, D]} is where they may leave keys
 * and values meanwhile; its content is unknown before and after. It overlaps no other argument.
 *
 * <p>Errors: {@link IllegalArgumentException} for a shape or dtype that does not fit.
 *
 * <p>Source: Li et al., Cameras as Relative Positional Encoding, 2025, with the projective part
 * over all channels of a head.
 */
public interface PropeAttention extends Kernel {
  /** Channels that a matrix multiplies at once, and rows and columns of a matrix. */
  int GROUP = 4;

  /** Rows of the room that a call with such keys needs: none in fp32, for which nothing is left. */
  static int roomRows(Tensor k) {
    return k.dtype() == DType.F32 ? 0 : 2 * k.size(0);
  }

  /**
   * Attends.
   *
   * @param plainKeys first keys that belong to no frame
   */
  default void run(
      Tensor q,
      Tensor k,
      Tensor v,
      Tensor imageFromWorld,
      Tensor worldFromImage,
      int plainKeys,
      double scale,
      Tensor room,
      Tensor out) {
    Check.activation("q", q, 3, this::accepts);
    Check.rank("k", k, q.dtype(), 3);
    int heads = q.size(1);
    int headDim = q.size(2);
    int keys = k.size(0);
    Check.multiple("head dim of q", headDim, "channels of a group", GROUP);
    Check.that(keys > 0, "k: expected at least one key, found " + k);
    Check.tensor("k", k, q.dtype(), keys, heads, headDim);
    Check.tensor("v", v, q.dtype(), keys, heads, headDim);
    new Cameras(imageFromWorld, worldFromImage, plainKeys).check(q.size(0), keys);
    Check.tensor("room", room, q.dtype(), roomRows(k), heads, headDim);
    Check.tensor("out", out, q.dtype(), q.shape().extents());
    launch(q, k, v, imageFromWorld, worldFromImage, plainKeys, scale, room, out);
  }

  /** Floating-point operations of a launch: a multiplication and an addition are two. */
  static double operations(
      Tensor q,
      Tensor k,
      Tensor v,
      Tensor imageFromWorld,
      Tensor worldFromImage,
      int plainKeys,
      double scale,
      Tensor room,
      Tensor out) {
    return 4.0 * q.elements() * k.size(0);
  }

  /** Implemented by backends; arguments are checked. */
  void launch(
      Tensor q,
      Tensor k,
      Tensor v,
      Tensor imageFromWorld,
      Tensor worldFromImage,
      int plainKeys,
      double scale,
      Tensor room,
      Tensor out);
}
