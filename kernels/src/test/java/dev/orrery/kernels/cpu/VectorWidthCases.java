package dev.orrery.kernels.cpu;

import static dev.orrery.kernels.KernelHarness.normal;

import dev.orrery.kernels.attention.AttentionSimd;
import dev.orrery.kernels.attention.TemporalAttentionSimd;
import dev.orrery.kernels.conv.CausalConv3dSimd;
import dev.orrery.kernels.conv.Edge;
import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.linear.MatmulSimd;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.ValueLayout;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.Supplier;

/**
 * Results of small calls that use every part of the kernels whose tiles depend on the width of
 * vectors: more than a block of depth, more than a chunk of keys, edges in every direction.
 */
public final class VectorWidthCases implements Supplier<Map<String, float[]>> {
  /** The name of each call and what it wrote. */
  @Override
  public Map<String, float[]> get() {
    Map<String, float[]> results = new TreeMap<>();
    try (CpuThreads threads = new CpuThreads(2)) {
      Tensor product = normal(9, 13, 35);
      Tensor weight = normal(2, DType.BF16, 35, 776);
      new MatmulSimd(threads)
          .run(normal(1, 13, 776), weight, normal(3, 35), Activation.GELU_TANH, product);
      results.put("matmul", values(product));
      Tensor fewRows = normal(9, 3, 35);
      new MatmulSimd(threads)
          .run(normal(1, 3, 777), normal(2, 35, 777), null, Activation.NONE, fewRows);
      results.put("matmul of few rows", values(fewRows));
      Tensor out = normal(9, 35, 2, 20);
      new AttentionSimd(threads)
          .run(normal(4, 35, 2, 20), normal(5, 203, 2, 20), normal(6, 203, 2, 20), 1, 0.2, out);
      results.put("attention", values(out));
      Tensor frames = normal(9, 2, 7, 5, 20);
      new TemporalAttentionSimd(threads)
          .run(
              normal(7, 2, 7, 5, 20),
              normal(8, 19, 7, 5, 20),
              normal(9, 19, 7, 5, 20),
              0.2,
              frames);
      results.put("attention over time", values(frames));
      for (int[] channels : new int[][] {{5, 3}, {5, 41}, {16, 3}}) {
        Tensor video = normal(9, 1, 3, 27, channels[1]);
        new CausalConv3dSimd(threads)
            .run(
                normal(1, 2, 3, 27, channels[0]),
                normal(2, 1, 3, 27, channels[0]),
                normal(3, 3, 3, 3, channels[0], channels[1]),
                normal(4, channels[1]),
                1,
                Edge.ZEROS,
                video);
        results.put("causal convolution " + Arrays.toString(channels), values(video));
      }
    }
    return results;
  }

  private static float[] values(Tensor tensor) {
    return tensor.segment().toArray(ValueLayout.JAVA_FLOAT);
  }

  /** The tile that is used. */
  @Override
  public String toString() {
    return SimdTile.COLUMNS + " x " + SimdTile.ROWS;
  }
}
