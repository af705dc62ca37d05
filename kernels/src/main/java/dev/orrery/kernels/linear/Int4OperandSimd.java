package dev.orrery.kernels.linear;

import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.cpu.SimdTile;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/** The elements of a weight of four bits, each rounded to fp32 once. */
final class Int4OperandSimd implements MatmulOperandSimd {
  private static final int LANES = SimdTile.LANES;
  private static final VectorSpecies<Integer> INTS =
      VectorSpecies.of(int.class, SimdTile.SPECIES.vectorShape());

  private static final ValueLayout.OfShort FOUR =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt EIGHT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** Where in its word of eight elements the element of a lane begins. */
  private static final IntVector SHIFTS = IntVector.zero(INTS).addIndex(4).and(31);

  /** Lanes whose elements lie in the second word. */
  private static final VectorMask<Integer> SECOND = VectorMask.fromLong(INTS, 0xFF00);

  private final GroupedInt4 weight;
  private final int group;
  private final MemorySegment packed;
  private final FloatView scales;

  Int4OperandSimd(GroupedInt4 weight) {
    this.weight = weight;
    group = weight.group();
    packed = weight.packed().segment();
    scales = FloatView.of(weight.scales());
  }

  @Override
  public int rows() {
    return weight.rows();
  }

  @Override
  public int depth() {
    return weight.columns();
  }

  /** Blocks begin and end at multiples of GROUP_UNIT, as groups do: no vector crosses a bound. */
  @Override
  public void read(long row, int k, int count, float[] to, int at) {
    long first = row * depth() + k;
    for (int unit = 0; unit < count; unit += GroupedInt4.GROUP_UNIT) {
      float scale = scales.get((first + unit) / group);
      for (int i = unit; i < unit + GroupedInt4.GROUP_UNIT; i += LANES) {
        IntVector q = words((first + i) / 2).lanewise(VectorOperators.LSHR, SHIFTS).and(15);
        FloatVector values = (FloatVector) q.convertShape(VectorOperators.I2F, SimdTile.SPECIES, 0);
        values.sub(GroupedInt4.ZERO).mul(scale).intoArray(to, at + i);
      }
    }
  }

  /** In every lane the word that holds its element. */
  private IntVector words(long at) {
    return switch (LANES) {
      case 4 -> IntVector.broadcast(INTS, packed.get(FOUR, at));
      case 8 -> IntVector.broadcast(INTS, packed.get(EIGHT, at));
      default ->
          IntVector.broadcast(INTS, packed.get(EIGHT, at))
              .blend(packed.get(EIGHT, at + Integer.BYTES), SECOND);
    };
  }
}
