package dev.orrery.kernels.conv;

import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;

/**
 * Brings the weights of convolutions from the order of checkpoints, {@code [Co, Ci, taps...]}, into that of the
 * channels-last kernels, {@code [taps..., Ci, Co]}. Element bits are moved, never converted.
 */
public final class ConvWeights {
  private ConvWeights() {}

  /** The shape of {@link #channelsLast}'s result: {@code [Co, Ci, taps...]} becomes {@code [taps..., Ci, Co]}. */
  public static Shape channelsLastShape(Shape stored) {
    long[] from = stored.extents();
    int taps = from.length - 2;
    long[] to = new long[from.length];
    System.arraycopy(from, 2, to, 0, taps);
    to[taps] = from[1];
    to[taps + 1] = from[0];
    return Shape.of(to);
  }

  /**
   * Moves a stored weight into the kernels' order.
   *
   * @param stored host tensor {@code [Co, Ci, taps...]}
   * @param out host tensor {@code [taps..., Ci, Co]} of the same dtype
   */
  public static void channelsLast(Tensor stored, Tensor out) {
    if (stored.dtype() != out.dtype() || !channelsLastShape(stored.shape()).equals(out.shape())) {
      throw new IllegalArgumentException(
          "out: expected " + stored.dtype() + channelsLastShape(stored.shape()) + ", found " + out);
    }
    int outChannels = stored.size(0);
    int inner = Math.toIntExact(stored.elements() / Math.max(1, outChannels));
    int inChannels = stored.size(1);
    int taps = inner / Math.max(1, inChannels);
    MemorySegment from = stored.segment();
    MemorySegment to = out.segment();
    for (int tap = 0; tap < taps; tap++) {
      for (int in = 0; in < inChannels; in++) {
        for (int o = 0; o < outChannels; o++) {
          long source = (long) o * inner + (long) in * taps + tap;
          long target = ((long) tap * inChannels + in) * outChannels + o;
          move(from, source, to, target, stored.dtype().byteSize());
        }
      }
    }
  }

  private static void move(MemorySegment from, long source, MemorySegment to, long target, int bytes) {
    if (bytes == 2) {
      to.set(ValueLayout.JAVA_SHORT_UNALIGNED, target * 2, from.get(ValueLayout.JAVA_SHORT_UNALIGNED, source * 2));
    } else if (bytes == 4) {
      to.set(ValueLayout.JAVA_INT_UNALIGNED, target * 4, from.get(ValueLayout.JAVA_INT_UNALIGNED, source * 4));
    } else {
      MemorySegment.copy(from, source * bytes, to, target * bytes, bytes);
    }
  }
}
