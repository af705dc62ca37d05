package dev.orrery.kernels.attention;

import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.cpu.SimdTile;
import dev.orrery.kernels.tensor.Tensor;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * Multiplies every group of four channels by the 4x4 matrix of the token's frame.
 *
 * <p>A vector holds whole groups. With its lanes turned by r places within each group it meets the
 * diagonal {@code T[i, (i + r) % 4]}, so a vector takes four multiply-adds and three shuffles.
 */
final class FrameMatricesSimd implements RowTransformSimd {
  private static final VectorSpecies<Float> SPECIES = SimdTile.SPECIES;
  private static final int LANES = SimdTile.LANES;
  private static final int GROUP = PropeAttention.GROUP;
  private static final VectorShuffle<Float> TURN1 = turn(1);
  private static final VectorShuffle<Float> TURN2 = turn(2);
  private static final VectorShuffle<Float> TURN3 = turn(3);

  /** {@code [frame][r][LANES]}. */
  private final float[] diagonals;

  private final int tokensPerFrame;

  private FrameMatricesSimd(Tensor matrices, int tokensPerFrame, int rowStride, int columnStride) {
    this.tokensPerFrame = tokensPerFrame;
    FloatView view = FloatView.of(matrices);
    diagonals = new float[matrices.size(0) * GROUP * LANES];
    for (int at = 0; at < diagonals.length; at++) {
      int frame = at / (GROUP * LANES);
      int i = at % GROUP;
      int j = (i + at / LANES) % GROUP;
      diagonals[at] = view.get((long) frame * GROUP * GROUP + i * rowStride + j * columnStride);
    }
  }

  /**
   * Multiplies by matrices.
   *
   * @param matrices {@code [F, 4, 4]}
   * @param tokensPerFrame tokens that share a matrix
   */
  static FrameMatricesSimd of(Tensor matrices, int tokensPerFrame) {
    return new FrameMatricesSimd(matrices, tokensPerFrame, GROUP, 1);
  }

  /** The same by their transposes. */
  static FrameMatricesSimd ofTransposed(Tensor matrices, int tokensPerFrame) {
    return new FrameMatricesSimd(matrices, tokensPerFrame, 1, GROUP);
  }

  @Override
  public void apply(long token, int head, float[] row, int at, int headDim) {
    int first = (int) (token / tokensPerFrame) * GROUP * LANES;
    FloatVector diagonal0 = FloatVector.fromArray(SPECIES, diagonals, first);
    FloatVector diagonal1 = FloatVector.fromArray(SPECIES, diagonals, first + LANES);
    FloatVector diagonal2 = FloatVector.fromArray(SPECIES, diagonals, first + 2 * LANES);
    FloatVector diagonal3 = FloatVector.fromArray(SPECIES, diagonals, first + 3 * LANES);
    for (int i = at; i < at + headDim; i += LANES) {
      FloatVector x = FloatVector.fromArray(SPECIES, row, i);
      FloatVector y = x.mul(diagonal0);
      y = x.rearrange(TURN1).fma(diagonal1, y);
      y = x.rearrange(TURN2).fma(diagonal2, y);
      y = x.rearrange(TURN3).fma(diagonal3, y);
      y.intoArray(row, i);
    }
  }

  private static VectorShuffle<Float> turn(int places) {
    return VectorShuffle.fromOp(SPECIES, lane -> lane / GROUP * GROUP + (lane + places) % GROUP);
  }
}
