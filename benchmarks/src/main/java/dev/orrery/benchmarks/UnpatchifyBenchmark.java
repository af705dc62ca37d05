package dev.orrery.benchmarks;

import dev.orrery.kernels.layout.PatchOrder;
import dev.orrery.kernels.layout.Unpatchify;
import dev.orrery.kernels.tensor.Tensor;
import org.openjdk.jmh.annotations.Param;

/**
 * {@link Unpatchify} of the head of a transformer into a chunk's latents, into Oasis' picture and
 * latents, into jafar's picture, and of the last depth to space of MAGVIT2.
 */
public class UnpatchifyBenchmark extends MemoryBoundBenchmark {
  /** T x Y x X x C x p. */
  @Param({"3x44x80x16x2", "1x360x640x3x20", "1x18x32x16x2", "1x90x160x3x4", "1x256x256x128x2"})
  public String size;

  /** How a patch is counted. */
  @Param({"CHANNEL_FASTEST", "CHANNEL_SLOWEST"})
  public PatchOrder order;

  public UnpatchifyBenchmark() {
    super("T x Y x X x C x p", 0, 2 * Float.BYTES);
  }

  @Override
  String size() {
    return size;
  }

  @Override
  public String shape() {
    return super.shape() + ", " + order;
  }

  /** The values of the frames, read and written; the patch is no axis of them. */
  @Override
  public double bytes() {
    return super.bytes() / Sizes.parse(size)[4];
  }

  @Override
  Runnable call(int[] extents) {
    Unpatchify unpatchify = kernel(Unpatchify.class);
    int patch = extents[4];
    int patches = extents[0] * Math.ceilDiv(extents[1], patch) * Math.ceilDiv(extents[2], patch);
    Tensor x = normal(patches, extents[3] * patch * patch);
    Tensor out = empty(extents[0], extents[1], extents[2], extents[3]);
    return () -> unpatchify.run(x, patch, order, out);
  }
}
