package dev.orrery.kernels.layout;

import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.kernels.tornado.KernelCode;
import dev.orrery.kernels.tornado.StoredFloat;
import dev.orrery.kernels.tornado.TornadoDevice;
import dev.orrery.kernels.tornado.TornadoKernel;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.ShortArray;

/** One element of the output a thread. */
public final class GatherRowsTornado extends TornadoKernel implements GatherRows {
  private static final KernelCode GATHER_ROWS = KernelCode.parallel(GatherRowsTornado::gatherRows);

  /** Kernels name no constant that is not a number of the language. */
  private static final float[] NOT_A_NUMBER = {Float.NaN};

  public GatherRowsTornado(TornadoDevice device) {
    super(device);
  }

  @Override
  public void launch(Tensor table, Tensor ids, boolean add, Tensor out) {
    int count = Math.toIntExact(out.elements());
    StoredWeight stored = stored(table, out);
    device()
        .run(
            GATHER_ROWS,
            count,
            new int[] {count, table.size(0), table.size(1), stored.format(), flag(add)},
            NOT_A_NUMBER,
            stored.fp32(),
            stored.sixteen(),
            ids,
            out);
  }

  /** The kernel; public for TornadoVM, which compiles it. */
  public static void gatherRows(
      IntArray ints,
      FloatArray floats,
      FloatArray table,
      ShortArray table16,
      IntArray ids,
      FloatArray out) {
    int tableAt = ints.get(0);
    int table16At = ints.get(1);
    int idsAt = ints.get(2);
    int outAt = ints.get(3);
    int count = ints.get(4);
    int rows = ints.get(5);
    int columns = ints.get(6);
    int format = ints.get(7);
    int add = ints.get(8);
    for (@Parallel int i = 0; i < count; i++) {
      int id = ids.get(idsAt + i / columns);
      float value = floats.get(0);
      if (id >= 0 && id < rows) {
        int at = id * columns + i % columns;
        if (format == StoredFloat.FP32) {
          value = table.get(tableAt + at);
        } else {
          value = StoredFloat.widen(table16.get(table16At + at), format);
        }
      }
      if (add == 1) {
        value = out.get(outAt + i) + value;
      }
      out.set(outAt + i, value);
    }
  }
}
