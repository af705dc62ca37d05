package dev.orrery.benchmarks;

import dev.orrery.kernels.attention.AttentionInt8;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.util.Arrays;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.Param;

/** {@link AttentionInt8} over the cached keys of a world model, quantisation included. */
public class AttentionInt8Benchmark extends KernelBenchmark implements KernelCase.Arithmetic {
  /** Tq x Tk x H x D. */
  @Param({"880x5280x12x128", "72x216x3x64"})
  public String size;

  private AttentionInt8 attention;
  private Tensor q;
  private Tensor k;
  private Tensor v;
  private AttentionInt8.Room room;
  private Tensor out;

  @Override
  void prepare() {
    int[] extents = Sizes.parse(size);
    attention = kernel(AttentionInt8.class);
    q = normal(extents[0], extents[2], extents[3]);
    k = normal(extents[1], extents[2], extents[3]);
    v = normal(extents[1], extents[2], extents[3]);
    room = AttentionInt8.Room.of(q, k, false, this::room);
    out = empty(extents[0], extents[2], extents[3]);
  }

  private Tensor room(DType dtype, long... extents) {
    return empty(dtype, Arrays.stream(extents).mapToInt(Math::toIntExact).toArray());
  }

  @Override
  public String shape() {
    return Sizes.show("Tq x Tk x H x D", size);
  }

  /** Two products; quantisation and softmax are not counted. */
  @Override
  public double operations() {
    return 4 * Sizes.values(size);
  }

  /** The tensors, each once, and the room. */
  @Override
  public double bytes() {
    int[] n = Sizes.parse(size);
    double tokens = n[0] + (double) n[1];
    double blocks = Math.ceilDiv(n[1], AttentionInt8.KEYS_OF_A_SCALE);
    return tokens * n[2] * n[3] * (2 * Float.BYTES + 1) + (n[0] + blocks) * n[2] * Float.BYTES;
  }

  @Benchmark
  public Tensor run() {
    attention.run(q, k, v, null, 1 / Math.sqrt(q.size(2)), room, out);
    return out;
  }
}
