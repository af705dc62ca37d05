package dev.orrery.benchmarks;

import dev.orrery.kernels.conv.CausalConv3d;
import dev.orrery.kernels.conv.Edge;
import dev.orrery.kernels.tensor.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/**
 * {@link CausalConv3d} with the history that a stream has: layers of the Wan 2.1 decoder at 352 x
 * 640 pixels from the last stage to the first, its head and a shortcut, then layers of the demo
 * model's decoder, and one over time alone in the U-Net of Vid2World.
 */
public class CausalConv3dBenchmark extends KernelBenchmark implements KernelCase.Arithmetic {
  /** Kt x K x K x Ci x Co x T x Y x X. */
  @Param({
    "3x3x3x96x96x4x176x320",
    "3x3x3x192x192x4x88x160",
    "3x3x3x384x384x1x44x80",
    "3x3x3x96x3x4x176x320",
    "1x1x1x96x192x4x88x160",
    "3x3x3x64x64x1x8x12",
    "3x3x3x32x32x1x32x48",
    "3x3x3x16x16x1x64x96",
    "3x1x1x64x128x1x8x12",
    "3x1x1x320x320x10x40x64"
  })
  public String size;

  private CausalConv3d causalConv3d;
  private Tensor history;
  private Tensor x;
  private Tensor weight;
  private Tensor bias;
  private Tensor out;

  @Override
  void prepare() {
    int[] n = Sizes.parse(size);
    causalConv3d = kernel(CausalConv3d.class);
    history = n[0] == 1 ? null : normal(n[0] - 1, n[6], n[7], n[3]);
    x = normal(n[5], n[6], n[7], n[3]);
    weight = normal(n[0], n[1], n[2], n[3], n[4]);
    bias = normal(n[4]);
    out = empty(n[5], n[6], n[7], n[4]);
  }

  @Override
  public String shape() {
    return Sizes.show("Kt x K x K x Ci x Co x T x Y x X", size);
  }

  @Override
  public double operations() {
    return 2 * Sizes.values(size);
  }

  /** Frames and those before, the weight and the result, each once. */
  @Override
  public double bytes() {
    int[] n = Sizes.parse(size);
    double taps = (double) n[0] * n[1] * n[2];
    double pixels = (double) n[6] * n[7];
    double frames = (n[0] - 1 + n[5]) * (double) n[3] + (double) n[5] * n[4];
    return Float.BYTES * (pixels * frames + taps * n[3] * n[4] + n[4]);
  }

  @Benchmark
  public Tensor run() {
    causalConv3d.run(history, x, weight, bias, 1, Edge.ZEROS, out);
    return out;
  }

  /** The same with the edge of HunyuanVideo's autoencoder. */
  @Benchmark
  public Tensor repeated() {
    causalConv3d.run(history, x, weight, bias, 1, Edge.REPEATED, out);
    return out;
  }
}
