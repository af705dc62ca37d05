package dev.orrery.kernels.cpu;

import java.lang.foreign.MemorySegment;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShuffle;

/** Vectors of {@link SimdTile#SPECIES} from and to tensor memory, and the sum of their lanes. */
public final class Lanes {
  private static final VectorShuffle<Float> BY_8 = exchange(8);
  private static final VectorShuffle<Float> BY_4 = exchange(4);
  private static final VectorShuffle<Float> BY_2 = exchange(2);
  private static final VectorShuffle<Float> BY_1 = exchange(1);

  /**
   * The class of memory off the heap, in which tensors lie. While vectors are interpreted, each
   * reinterpretation of one goes through an array of bytes, which leaves a profile of arrays behind
   * where vectors are loaded and stored. C2 follows it and makes an access to other memory a call;
   * a loop then takes up to three times as long. Compared with this class, a segment has one that
   * C2 knows.
   */
  private static final Class<?> OFF_HEAP = MemorySegment.NULL.getClass();

  private Lanes() {}

  /** The vector at a byte offset. */
  public static FloatVector load(MemorySegment segment, long at) {
    if (segment.getClass() == OFF_HEAP) {
      return FloatVector.fromMemorySegment(SimdTile.SPECIES, segment, at, ByteOrder.nativeOrder());
    }
    return FloatVector.fromMemorySegment(SimdTile.SPECIES, segment, at, ByteOrder.nativeOrder());
  }

  /** Stores a vector at a byte offset. */
  public static void store(FloatVector vector, MemorySegment segment, long at) {
    if (segment.getClass() == OFF_HEAP) {
      vector.intoMemorySegment(segment, at, ByteOrder.nativeOrder());
      return;
    }
    vector.intoMemorySegment(segment, at, ByteOrder.nativeOrder());
  }

  /**
   * The sum of all lanes in one fixed order: halves are added to each other until one lane is left.
   * {@code reduceLanes(ADD)} leaves the order open, and indeed adds in one order while interpreted
   * and in another once compiled, so that a result would change while the machine warms up.
   */
  public static float sum(FloatVector vector) {
    FloatVector sum = vector;
    if (SimdTile.LANES >= 16) {
      sum = sum.add(sum.rearrange(BY_8));
    }
    if (SimdTile.LANES >= 8) {
      sum = sum.add(sum.rearrange(BY_4));
    }
    if (SimdTile.LANES >= 4) {
      sum = sum.add(sum.rearrange(BY_2));
    }
    return sum.add(sum.rearrange(BY_1)).lane(0);
  }

  private static VectorShuffle<Float> exchange(int distance) {
    return VectorShuffle.fromOp(SimdTile.SPECIES, lane -> (lane ^ distance) % SimdTile.LANES);
  }
}
