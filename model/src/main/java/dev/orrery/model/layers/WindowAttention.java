package dev.orrery.model.layers;

import dev.orrery.kernels.attention.Attention;
import dev.orrery.kernels.attention.AttentionInt8;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.runtime.memory.Workspace;

/** Attention of some queries to all given keys. */
@FunctionalInterface
public interface WindowAttention {
  /**
   * Attends.
   *
   * @param out like q
   * @param frame for what it needs meanwhile
   */
  void run(Tensor q, Tensor k, Tensor v, double scale, Tensor out, Workspace.Frame frame);

  /** {@link Attention}, or {@link AttentionInt8}. */
  static WindowAttention of(Backend backend, AttentionPrecision precision) {
    if (precision == AttentionPrecision.FLOAT) {
      Attention attention = backend.kernel(Attention.class);
      return (q, k, v, scale, out, frame) -> attention.run(q, k, v, scale, out);
    }
    AttentionInt8 attention = backend.kernel(AttentionInt8.class);
    return (q, k, v, scale, out, frame) -> {
      try (Workspace.Frame inner = frame.inner()) {
        AttentionInt8.Room room = AttentionInt8.Room.of(q, k, false, inner::empty);
        attention.run(q, k, v, null, scale, room, out);
      }
    };
  }
}
