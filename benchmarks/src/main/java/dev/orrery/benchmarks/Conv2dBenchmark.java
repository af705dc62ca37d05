package dev.orrery.benchmarks;

import dev.orrery.kernels.conv.Conv2d;
import dev.orrery.kernels.tensor.Tensor;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/**
 * {@link Conv2d} of 3 x 3 pixels: behind an upsampling and in front of a downsampling of the Wan
 * 2.1 VAE at 352 x 640 pixels, the same in the demo model, and ten frames in the first three levels
 * of the U-Net of Vid2World.
 */
public class Conv2dBenchmark extends KernelBenchmark implements KernelCase.Arithmetic {
  private static final int KERNEL = 3;

  /** Stride x Ci x Co x T x Y x X, the last two before the stride. */
  @Param({
    "1x192x96x4x176x320",
    "2x96x96x4x352x640",
    "1x32x16x1x64x96",
    "2x16x16x1x64x96",
    "1x320x320x10x40x64",
    "1x640x640x10x20x32",
    "1x1280x1280x10x10x16"
  })
  public String size;

  private Conv2d conv2d;
  private int stride;
  private Conv2d.Padding padding;
  private Tensor x;
  private Tensor weight;
  private Tensor bias;
  private Tensor out;

  @Override
  void prepare() {
    int[] n = Sizes.parse(size);
    conv2d = kernel(Conv2d.class);
    stride = n[0];
    padding = stride == 1 ? Conv2d.Padding.all(1) : Conv2d.Padding.bottomRight(1);
    x = normal(n[3], n[4], n[5], n[1]);
    weight = normal(KERNEL, KERNEL, n[1], n[2]);
    bias = normal(n[2]);
    out = empty(n[3], n[4] / stride, n[5] / stride, n[2]);
  }

  @Override
  public String shape() {
    return Sizes.show("stride x Ci x Co x T x Y x X", size);
  }

  @Override
  public double operations() {
    int[] n = Sizes.parse(size);
    double pixels = (double) n[3] * (n[4] / n[0]) * (n[5] / n[0]);
    return 2 * pixels * KERNEL * KERNEL * n[1] * n[2];
  }

  /** The tensors, each once. */
  @Override
  public double bytes() {
    int[] n = Sizes.parse(size);
    double pixels = (double) n[3] * n[4] * n[5];
    double results = (double) n[3] * (n[4] / n[0]) * (n[5] / n[0]);
    double weight = (double) KERNEL * KERNEL * n[1] * n[2];
    return Float.BYTES * (pixels * n[1] + results * n[2] + weight + n[2]);
  }

  @Benchmark
  public Tensor run() {
    conv2d.run(x, weight, bias, stride, padding, out);
    return out;
  }
}
