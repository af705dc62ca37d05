package dev.orrery.kernels.linear.quantized;

import dev.orrery.kernels.linear.Epilogue;
import dev.orrery.kernels.linear.EpilogueTornado;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.kernels.tornado.Grid;
import dev.orrery.kernels.tornado.KernelCode;
import dev.orrery.kernels.tornado.TornadoDevice;
import dev.orrery.kernels.tornado.TornadoKernel;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.ByteArray;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/**
 * Tiles of 16x16 in local memory, as {@link dev.orrery.kernels.linear.MatmulTornado} has them, of
 * integers here: sums are exact until they are scaled.
 */
public final class MatmulInt8Tornado extends TornadoKernel implements MatmulInt8 {
  private static final KernelCode MATMUL = KernelCode.cooperative(MatmulInt8Tornado::matmul);

  /** Edge of a tile, a constant of the kernel. */
  private static final int TILE = 16;

  public MatmulInt8Tornado(TornadoDevice device) {
    super(device);
  }

  @Override
  public void launch(ScaledRows x, ScaledRows weight, Tensor bias, Epilogue epilogue) {
    requireVector("bias", bias);
    int rows = x.values().size(0);
    int columns = weight.values().size(0);
    Tensor gate = epilogue instanceof Epilogue.AddTo add ? add.gate() : null;
    int[] ending = EpilogueTornado.numbers(epilogue);
    device()
        .run(
            MATMUL,
            new Grid(Math.ceilDiv(columns, TILE), Math.ceilDiv(rows, TILE), TILE, TILE),
            new int[] {
              rows, columns, x.values().size(1), flag(bias != null), ending[0], ending[1], ending[2]
            },
            NO_FLOATS,
            x.values(),
            x.scales(),
            weight.values(),
            weight.scales(),
            orElse(bias, x.scales()),
            orElse(gate, x.scales()),
            epilogue.target());
  }

  /** The kernel; public for TornadoVM, which compiles it. */
  public static void matmul(
      KernelContext context,
      IntArray ints,
      FloatArray floats,
      ByteArray x,
      FloatArray xScales,
      ByteArray weight,
      FloatArray weightScales,
      FloatArray bias,
      FloatArray gate,
      FloatArray out) {
    int xAt = ints.get(0);
    int weightAt = ints.get(2);
    int rows = ints.get(7);
    int columns = ints.get(8);
    int depth = ints.get(9);
    int[] xs = context.allocateIntLocalArray(TILE * TILE);
    int[] weights = context.allocateIntLocalArray(TILE * TILE);
    int i = context.localIdx;
    int j = context.localIdy;
    int column = context.groupIdx * TILE + i;
    int row = context.groupIdy * TILE + j;
    // Thread (i, j) loads column i of row j of both tiles.
    int loaded = context.groupIdx * TILE + j;
    int total = 0;
    for (int k = 0; k < depth; k += TILE) {
      int value = 0;
      if (row < rows && k + i < depth) {
        value = x.get(xAt + row * depth + k + i);
      }
      xs[j * TILE + i] = value;
      int other = 0;
      if (loaded < columns && k + i < depth) {
        other = weight.get(weightAt + loaded * depth + k + i);
      }
      // A column of the tile is read by neighbours: it is stored as a row.
      weights[i * TILE + j] = other;
      context.localBarrier();
      for (int step = 0; step < TILE; step++) {
        total += xs[j * TILE + step] * weights[step * TILE + i];
      }
      context.localBarrier();
    }
    if (row < rows && column < columns) {
      float y = total * xScales.get(ints.get(1) + row) * weightScales.get(ints.get(3) + column);
      if (ints.get(10) != 0) {
        y += bias.get(ints.get(4) + column);
      }
      EpilogueTornado.put(y, row, column, columns, ints, 11, gate, ints.get(5), out, ints.get(6));
    }
  }
}
