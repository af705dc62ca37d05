package dev.orrery.kernels.linear;

import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;

/** {@link Epilogue} in fp32, as kernels for TornadoVM end an element of a product. */
public final class EpilogueTornado {
  private EpilogueTornado() {}

  /** The numbers that {@link #put} reads: activation, whether there is a gate, rows per frame. */
  public static int[] numbers(Epilogue epilogue) {
    return switch (epilogue) {
      case Epilogue.Store store -> new int[] {store.activation().code(), 0, 0};
      case Epilogue.AddTo add ->
          new int[] {
            Activation.NONE.code(),
            add.gate() == null ? 0 : 1,
            MatmulResidual.rowsPerFrame(add.residual(), add.gate())
          };
    };
  }

  /**
   * Stores an element or adds it.
   *
   * @param y its sum, bias added
   * @param columns of the product
   * @param numbers where those of {@link #numbers} begin in ints; no rows per frame: it is stored
   */
  public static void put(
      float y,
      int row,
      int column,
      int columns,
      IntArray ints,
      int numbers,
      FloatArray gate,
      int gateAt,
      FloatArray out,
      int outAt) {
    int at = outAt + row * columns + column;
    int rowsPerFrame = ints.get(numbers + 2);
    if (rowsPerFrame == 0) {
      out.set(at, ActivationTornado.apply(y, ints.get(numbers)));
    } else {
      float factor = 1f;
      if (ints.get(numbers + 1) != 0) {
        factor = gate.get(gateAt + row / rowsPerFrame * columns + column);
      }
      out.set(at, out.get(at) + factor * y);
    }
  }
}
