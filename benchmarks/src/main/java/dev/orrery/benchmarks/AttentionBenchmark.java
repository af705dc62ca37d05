package dev.orrery.benchmarks;

import dev.orrery.kernels.attention.Attention;
import dev.orrery.kernels.tensor.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/**
 * {@link Attention} over the cached keys of a world model, at the size of a small demo model,
 * within the frames of Oasis and of Genie, of an autoencoder that is a transformer, and within ten
 * frames in the first level of the U-Net of Vid2World.
 */
public class AttentionBenchmark extends KernelBenchmark implements KernelCase.Arithmetic {
  /** B x Tq x Tk x H x D. */
  @Param({
    "1x880x5280x12x128",
    "1x880x880x16x64",
    "1x72x216x3x64",
    "31x144x144x16x64",
    "16x256x256x8x64",
    "16x256x256x8x32",
    "1x576x576x16x64",
    "10x2560x2560x5x64"
  })
  public String size;

  private Attention attention;
  private int sequences;
  private Tensor q;
  private Tensor k;
  private Tensor v;
  private Tensor out;

  @Override
  void prepare() {
    int[] extents = Sizes.parse(size);
    sequences = extents[0];
    attention = kernel(Attention.class);
    q = normal(sequences * extents[1], extents[3], extents[4]);
    k = normal(sequences * extents[2], extents[3], extents[4]);
    v = normal(sequences * extents[2], extents[3], extents[4]);
    out = empty(sequences * extents[1], extents[3], extents[4]);
  }

  @Override
  public String shape() {
    return Sizes.show("B x Tq x Tk x H x D", size);
  }

  /** Two products; the softmax is not counted. */
  @Override
  public double operations() {
    return 4 * Sizes.values(size);
  }

  /** The tensors, each once. */
  @Override
  public double bytes() {
    int[] n = Sizes.parse(size);
    return 2.0 * Float.BYTES * n[0] * (n[1] + n[2]) * n[3] * n[4];
  }

  @Benchmark
  public Tensor run() {
    attention.run(q, k, v, sequences, 1 / Math.sqrt(q.size(2)), out);
    return out;
  }
}
