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
 * 16x16 threads makes a tile of the result, an element a thread. It walks along K in steps of 64,
 * for which it brings a tile of each operand into local memory; the sum of 16 products is added to
 * the total, so that rounding grows with K / 16.
 */
abstract class ProductTornado extends TornadoKernel {
  private static final KernelCode PRODUCT = KernelCode.cooperative(ProductTornado::product);

  /** Edge of a tile, a constant of the kernel. */
  private static final int TILE = 16;

  /** How much of the operands is in local memory at once: barriers cost more than memory. */
  private static final int DEPTH = 64;

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
    float[] xs = context.allocateFloatLocalArray(TILE * DEPTH);
    float[] weights = context.allocateFloatLocalArray(DEPTH * TILE);
    int i = context.localIdx;
    int j = context.localIdy;
    int column = context.groupIdx * TILE + i;
    int row = context.groupIdy * TILE + j;
    // Thread (i, j) loads columns i, i + 16 and so on of row j of both tiles.
    int loaded = context.groupIdx * TILE + j;
    float total = 0f;
    for (int k = 0; k < depth; k += DEPTH) {
      for (int part = i; part < DEPTH; part += TILE) {
        float value = 0f;
        if (row < rows && k + part < depth) {
          value = x.get(xAt + row * depth + k + part);
        }
        xs[j * DEPTH + part] = value;
        float other = 0f;
        if (loaded < columns && k + part < depth) {
          int at = loaded * depth + k + part;
          if (format == StoredFloat.FP32) {
            other = weight.get(weightAt + at);
          } else {
            other = StoredFloat.widen(weight16.get(weight16At + at), format);
          }
        }
        // A column of the tile is read by neighbours: it is stored as a row.
        weights[part * TILE + j] = other;
      }
      context.localBarrier();
      for (int part = 0; part < DEPTH; part += TILE) {
        float sum = 0f;
        for (int step = part; step < part + TILE; step++) {
          sum += xs[j * DEPTH + step] * weights[step * TILE + i];
        }
        total += sum;
      }
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
