package dev.orrery.model.layers;

import dev.orrery.kernels.attention.Attention;
import dev.orrery.kernels.attention.TemporalAttention;
import dev.orrery.kernels.attention.Visibility;
import dev.orrery.kernels.position.Rope;
import dev.orrery.kernels.tensor.Check;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.runtime.memory.Workspace;

/**
 * Attention of the tokens of a sequence to each other, with linear layers to queries, keys and
 * values before it and one behind it.
 */
public final class SelfAttention {
  /**
   * The layers to queries, keys and values.
   *
   * @param q to queries
   * @param k to keys
   * @param v to values
   */
  public record Inputs(Linear q, Linear k, Linear v) {
    /** Those of layers that a checkpoint keeps as one, in this order. */
    public static Inputs of(Linear qkv) {
      int dim = qkv.outChannels() / 3;
      return new Inputs(
          qkv.outputs(0, dim), qkv.outputs(dim, 2 * dim), qkv.outputs(2 * dim, 3 * dim));
    }
  }

  private final int heads;
  private final Linear q;
  private final Linear k;
  private final Linear v;
  private final Linear out;
  private final Rope rope;
  private final Attention attention;

  /** Null where every token sees all. */
  private final TemporalAttention causal;

  /**
   * @param p where the kernels come from
   * @param qkv from {@code dim} channels to those of queries, keys and values, in this order
   * @param out from {@code dim} to {@code dim} channels
   * @param heads attention heads, a divisor of {@code dim}
   */
  public SelfAttention(Parameters p, Linear qkv, Linear out, int heads) {
    this(p, Inputs.of(qkv), out, heads);
  }

  /**
   * @param p where the kernels come from
   * @param inputs from {@code dim} to {@code dim} channels each
   * @param out from {@code dim} to {@code dim} channels
   * @param heads attention heads, a divisor of {@code dim}
   */
  public SelfAttention(Parameters p, Inputs inputs, Linear out, int heads) {
    this(p, inputs, out, heads, Visibility.ALL);
  }

  /**
   * @param p where the kernels come from
   * @param inputs from {@code dim} to {@code dim} channels each
   * @param out from {@code dim} to {@code dim} channels
   * @param heads attention heads, a divisor of {@code dim}
   * @param visibility whether a token sees later ones; if not, there is one sequence
   */
  public SelfAttention(Parameters p, Inputs inputs, Linear out, int heads, Visibility visibility) {
    this.heads = heads;
    q = inputs.q();
    k = inputs.k();
    v = inputs.v();
    this.out = out;
    rope = p.kernel(Rope.class);
    attention = p.kernel(Attention.class);
    causal = visibility == Visibility.CAUSAL ? p.kernel(TemporalAttention.class) : null;
  }

  /**
   * Adds what {@code x} attends to in itself.
   *
   * @param residual {@code [T, C]}, to which the gated result is added
   * @param gate {@code [F, C]}, or null for one; see {@link Linear#addTo}
   * @param x {@code [T, C]}, sequences of equal length that do not see each other
   * @param sequences how many there are
   * @param rotary table of {@link Rope} for queries and keys, or null
   */
  public void addTo(
      Tensor residual, Tensor gate, Tensor x, int sequences, Tensor rotary, Workspace.Frame outer) {
    try (Workspace.Frame frame = outer.inner()) {
      LinearInput input = LinearInput.of(x, frame);
      Tensor queries = byHead(q.forward(input));
      Tensor keys = byHead(k.forward(input));
      Tensor values = byHead(v.forward(input));
      if (rotary != null) {
        rope.run(queries, rotary, queries);
        rope.run(keys, rotary, keys);
      }
      Tensor attended = frame.like(x);
      double scale = 1 / Math.sqrt(queries.size(2));
      if (causal == null) {
        attention.run(queries, keys, values, sequences, scale, byHead(attended));
      } else {
        Check.that(sequences == 1, "expected one causal sequence, found " + sequences);
        // Tokens as frames of one position.
        causal.run(
            inTime(queries),
            inTime(keys),
            inTime(values),
            Visibility.CAUSAL,
            scale,
            inTime(byHead(attended)));
      }
      out.addTo(residual, gate, attended, frame);
    }
  }

  private static Tensor inTime(Tensor x) {
    return x.reshape(x.size(0), 1, x.size(1), x.size(2));
  }

  private Tensor byHead(Tensor x) {
    return x.reshape(x.size(0), heads, x.size(1) / heads);
  }
}
