package dev.orrery.benchmarks;

import dev.orrery.kernels.attention.TemporalAttention;
import dev.orrery.kernels.attention.Visibility;
import dev.orrery.kernels.tensor.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/**
 * {@link TemporalAttention} over the frames of one step, of a window, and of one new frame behind a
 * cache; last over the ten frames of Vid2World's window.
 */
public class TemporalAttentionBenchmark extends KernelBenchmark implements KernelCase.Arithmetic {
  /** F x Fk x S x H x D. */
  @Param({
    "3x3x880x16x64",
    "3x15x880x16x64",
    "31x31x144x16x64",
    "1x32x144x16x64",
    "16x16x256x8x32",
    "10x10x2560x5x64"
  })
  public String size;

  /** Which key frames are seen. */
  @Param({"ALL", "CAUSAL"})
  public Visibility visibility;

  private TemporalAttention temporalAttention;
  private Tensor q;
  private Tensor k;
  private Tensor v;
  private Tensor out;

  @Override
  void prepare() {
    int[] extents = Sizes.parse(size);
    temporalAttention = kernel(TemporalAttention.class);
    q = normal(extents[0], extents[2], extents[3], extents[4]);
    k = normal(extents[1], extents[2], extents[3], extents[4]);
    v = normal(extents[1], extents[2], extents[3], extents[4]);
    out = empty(extents[0], extents[2], extents[3], extents[4]);
  }

  @Override
  public String shape() {
    return Sizes.show("F x Fk x S x H x D", size) + ", " + visibility;
  }

  /** Two products; the softmax is not counted. */
  @Override
  public double operations() {
    int[] extents = Sizes.parse(size);
    double frames = extents[0];
    double hidden = visibility == Visibility.CAUSAL ? frames * (frames - 1) / 2 : 0;
    return 4 * Sizes.values(size) * (1 - hidden / (frames * extents[1]));
  }

  /** The tensors, each once. */
  @Override
  public double bytes() {
    int[] n = Sizes.parse(size);
    return 2.0 * Float.BYTES * (n[0] + n[1]) * n[2] * n[3] * n[4];
  }

  @Benchmark
  public Tensor run() {
    temporalAttention.run(q, k, v, visibility, 1 / Math.sqrt(q.size(3)), out);
    return out;
  }
}
