package dev.orrery.benchmarks;

import dev.orrery.kernels.layout.PatchOrder;
import dev.orrery.kernels.layout.Patchify;
import dev.orrery.kernels.tensor.Tensor;
import org.openjdk.jmh.annotations.Param;

/**
 * {@link Patchify} of a chunk's latents and their condition, of Oasis' picture and latents, and of
 * jafar's picture, whose 90 rows are padded to 92.
 */
public class PatchifyBenchmark extends MemoryBoundBenchmark {
  /** T x Y x X x C x p. */
  @Param({"3x44x80x36x2", "1x360x640x3x20", "1x18x32x16x2", "1x90x160x3x4"})
  public String size;

  /** How a patch is counted. */
  @Param({"CHANNEL_SLOWEST", "CHANNEL_FASTEST"})
  public PatchOrder order;

  public PatchifyBenchmark() {
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
    Patchify patchify = kernel(Patchify.class);
    int patch = extents[4];
    Tensor x = normal(extents[0], extents[1], extents[2], extents[3]);
    int patches = extents[0] * Math.ceilDiv(extents[1], patch) * Math.ceilDiv(extents[2], patch);
    Tensor out = empty(patches, extents[3] * patch * patch);
    return () -> patchify.run(x, patch, order, 0, out);
  }
}
