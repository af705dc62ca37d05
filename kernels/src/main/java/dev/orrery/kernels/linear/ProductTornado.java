package dev.orrery.kernels.linear;

import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.kernels.tornado.Grid;
import dev.orrery.kernels.tornado.KernelCode;
import dev.orrery.kernels.tornado.StoredFloat;
import dev.orrery.kernels.tornado.TornadoDevice;
import dev.orrery.kernels.tornado.TornadoKernel;
import uk.ac.manchester.tornado.api.KernelContext;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.ShortArray;

/**
 * {@code x weight^T} and what {@link Matmul} and {@link MatmulResidual} do with it. A group of
 * 16x16 threads makes a tile of the result, an element a thread. It walks along K in steps of 16,
 * for which it brings a tile of each operand into local memory; the sum of a step is added to the
 * total, so that rounding grows with K / 16.
 */
abstract class ProductTornado extends TornadoKernel {
  private static final KernelCode PRODUCT = KernelCode.cooperative(ProductTornado::product);

  /** Edge of a tile, a constant of the kernel. */
  private static final int TILE = 16;

  ProductTornado(TornadoDevice device) {
    super(device);
  }

  /**
   * Multiplies.
   *
   * @param activation of what is stored
   * @param gate or null
   * @param rowsPerFrame rows with one row of the gate in common; 0 to store without adding
   */
  final void launchProduct(
      Tensor x,
      Tensor weight,
      Tensor bias,
      Activation activation,
      Tensor gate,
      int rowsPerFrame,
      Tensor out) {
    requireVector("bias", bias);
    int rows = x.size(0);
    int depth = x.size(1);
    int columns = weight.size(0);
    StoredWeight stored = stored(weight, x);
    device()
        .run(
            PRODUCT,
            new Grid(Math.ceilDiv(columns, TILE), Math.ceilDiv(rows, TILE), TILE, TILE),
            new int[] {
              rows,
              columns,
              depth,
              stored.format(),
              flag(bias != null),
              activation.code(),
              flag(gate != null),
              rowsPerFrame
            },
            NO_FLOATS,
            x,
            stored.fp32(),
            stored.sixteen(),
            orElse(bias, x),
            orElse(gate, x),
            out);
  }

  /** The kernel; public for TornadoVM, which compiles it. */
  public static void product(
      KernelContext context,
      IntArray ints,
      FloatArray floats,
      FloatArray x,
      FloatArray weight,
      ShortArray weight16,
      FloatArray bias,
      FloatArray gate,
      FloatArray out) {
    int xAt = ints.get(0);
    int weightAt = ints.get(1);
    int weight16At = ints.get(2);
    int rows = ints.get(6);
    int columns = ints.get(7);
    int depth = ints.get(8);
    int format = ints.get(9);
    float[] xs = context.allocateFloatLocalArray(TILE * TILE);
    float[] weights = context.allocateFloatLocalArray(TILE * TILE);
    int i = context.localIdx;
    int j = context.localIdy;
    int column = context.groupIdx * TILE + i;
    int row = context.groupIdy * TILE + j;
    // Thread (i, j) loads column i of row j of both tiles.
    int loaded = context.groupIdx * TILE + j;
    float total = 0f;
    for (int k = 0; k < depth; k += TILE) {
      float value = 0f;
      if (row < rows && k + i < depth) {
        value = x.get(xAt + row * depth + k + i);
      }
      xs[j * TILE + i] = value;
      float other = 0f;
      if (loaded < columns && k + i < depth) {
        int at = loaded * depth + k + i;
        if (format == StoredFloat.FP32) {
          other = weight.get(weightAt + at);
        } else {
          other = StoredFloat.widen(weight16.get(weight16At + at), format);
        }
      }
      // A column of the tile is read by neighbours: it is stored as a row.
      weights[i * TILE + j] = other;
      context.localBarrier();
      float sum = 0f;
      for (int step = 0; step < TILE; step++) {
        sum += xs[j * TILE + step] * weights[step * TILE + i];
      }
      total += sum;
      context.localBarrier();
    }
    if (row < rows && column < columns) {
      if (ints.get(10) != 0) {
        total += bias.get(ints.get(3) + column);
      }
      EpilogueTornado.put(
          total, row, column, columns, ints, 11, gate, ints.get(4), out, ints.get(5));
    }
  }
}
