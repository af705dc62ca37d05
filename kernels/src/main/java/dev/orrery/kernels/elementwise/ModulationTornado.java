package dev.orrery.kernels.elementwise;

import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.kernels.tornado.KernelCode;
import dev.orrery.kernels.tornado.StoredFloat;
import dev.orrery.kernels.tornado.TornadoDevice;
import dev.orrery.kernels.tornado.TornadoKernel;
import uk.ac.manchester.tornado.api.annotations.Parallel;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.IntArray;
import uk.ac.manchester.tornado.api.types.arrays.ShortArray;

/** One element a thread. */
public final class ModulationTornado extends TornadoKernel implements Modulation {
  private static final KernelCode MODULATION = KernelCode.parallel(ModulationTornado::modulation);

  public ModulationTornado(TornadoDevice device) {
    super(device);
  }

  @Override
  public void launch(Tensor table, Tensor embedding, Tensor out) {
    StoredWeight stored = stored(table, embedding);
    int count = Math.toIntExact(out.elements());
    device()
        .run(
            MODULATION,
            count,
            new int[] {
              count,
              out.size(1),
              out.size(2),
              Math.toIntExact(embedding.elements()),
              stored.format()
            },
            NO_FLOATS,
            stored.fp32(),
            stored.sixteen(),
            embedding,
            out);
  }

  /** The kernel; public for TornadoVM, which compiles it. */
  public static void modulation(
      IntArray ints,
      FloatArray floats,
      FloatArray table,
      ShortArray table16,
      FloatArray embedding,
      FloatArray out) {
    int tableAt = ints.get(0);
    int table16At = ints.get(1);
    int embeddingAt = ints.get(2);
    int outAt = ints.get(3);
    int count = ints.get(4);
    int frames = ints.get(5);
    int channels = ints.get(6);
    // Vectors that share an embedding find it again behind its end.
    int embeddings = ints.get(7);
    int format = ints.get(8);
    for (@Parallel int i = 0; i < count; i++) {
      int at = i / channels / frames * channels + i % channels;
      float learned = 0f;
      if (format == StoredFloat.FP32) {
        learned = table.get(tableAt + at);
      } else {
        learned = StoredFloat.widen(table16.get(table16At + at), format);
      }
      out.set(outAt + i, learned + embedding.get(embeddingAt + i % embeddings));
    }
  }
}
