package dev.orrery.model.layers;

import dev.orrery.kernels.attention.AttentionInt8;
import dev.orrery.kernels.attention.Cameras;
import dev.orrery.kernels.attention.PropeAttention;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.runtime.memory.Workspace;

/** Attention that knows where the cameras of queries and keys stood. */
@FunctionalInterface
public interface CameraAttention {
  /**
   * Attends.
   *
   * @param out like q
   * @param frame for what it needs meanwhile
   */
  void run(
      Tensor q,
      Tensor k,
      Tensor v,
      Cameras cameras,
      double scale,
      Tensor out,
      Workspace.Frame frame);

  /** {@link PropeAttention}, or {@link AttentionInt8}. */
  static CameraAttention of(Backend backend, AttentionPrecision precision) {
    if (precision == AttentionPrecision.FLOAT) {
      PropeAttention attention = backend.kernel(PropeAttention.class);
      return (q, k, v, cameras, scale, out, frame) -> {
        try (Workspace.Frame inner = frame.inner()) {
          attention.run(
              q,
              k,
              v,
              cameras.imageFromWorld(),
              cameras.worldFromImage(),
              cameras.plainKeys(),
              scale,
              inner.like(k, PropeAttention.roomRows(k), k.size(1), k.size(2)),
              out);
        }
      };
    }
    AttentionInt8 attention = backend.kernel(AttentionInt8.class);
    return (q, k, v, cameras, scale, out, frame) -> {
      try (Workspace.Frame inner = frame.inner()) {
        AttentionInt8.Room room = AttentionInt8.Room.of(q, k, true, inner::empty);
        attention.run(q, k, v, cameras, scale, room, out);
      }
    };
  }
}
