package dev.orrery.model.wan;

import dev.orrery.kernels.position.RmsNormRope;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.Linear;
import dev.orrery.model.layers.LinearInput;
import dev.orrery.model.layers.Parameters;
import dev.orrery.model.layers.WeightedRmsNorm;
import dev.orrery.runtime.memory.Workspace;
import java.util.List;

/**
 * The linear layers around an attention of the Wan family: {@code q}, {@code k}, {@code v} before
 * it and {@code o} behind it. Queries and keys are RMS-normalised over all channels, before they
 * are split into heads.
 */
public final class AttentionProjections {
  private final int heads;
  private final int dim;
  private final Linear q;
  private final Linear k;
  private final Linear v;
  private final WeightedRmsNorm normQ;
  private final WeightedRmsNorm normK;
  private final Linear o;

  /** How a checkpoint calls the layers. */
  public enum Names {
    /** Wan's own code. */
    WAN("q", "k", "v", "o"),
    /** The diffusers library. */
    DIFFUSERS("to_q", "to_k", "to_v", "to_out.0");

    private final String q;
    private final String k;
    private final String v;
    private final String o;

    Names(String q, String k, String v, String o) {
      this.q = q;
      this.k = k;
      this.v = v;
      this.o = o;
    }
  }

  /**
   * @param dim channels of a token
   * @param heads attention heads, a divisor of dim
   * @param eps added to mean squares under the root
   */
  public AttentionProjections(Parameters p, Names names, int dim, int heads, double eps) {
    this.heads = heads;
    this.dim = dim;
    q = Linear.of(p.at(names.q), dim, dim);
    k = Linear.of(p.at(names.k), dim, dim);
    v = Linear.of(p.at(names.v), dim, dim);
    normQ = new WeightedRmsNorm(p.at("norm_q"), dim, eps);
    normK = new WeightedRmsNorm(p.at("norm_k"), dim, eps);
    o = Linear.of(p.at(names.o), dim, dim);
  }

  /** {@code x [T, C]} to queries {@code [T, H, D]} of the frame of the input. */
  public Tensor queries(LinearInput x) {
    Tensor out = q.forward(x);
    normQ.into(out, out);
    return byHead(out);
  }

  /** {@code x [T, C]} to keys and values, {@code [T, H, D]} each. */
  public void keysAndValuesInto(LinearInput x, Tensor keys, Tensor values) {
    Tensor flatKeys = flat(keys);
    Linear.allInto(x, List.of(k, v), List.of(flatKeys, flat(values)));
    normK.into(flatKeys, flatKeys);
  }

  /** {@code x [T, C]} to queries, keys and values, {@code [T, H, D]} each. */
  public void allInto(LinearInput x, Tensor queries, Tensor keys, Tensor values) {
    project(x, queries, keys, values);
    Tensor flatQueries = flat(queries);
    Tensor flatKeys = flat(keys);
    normQ.into(flatQueries, flatQueries);
    normK.into(flatKeys, flatKeys);
  }

  /**
   * The same with queries and keys that know their position.
   *
   * @param rotary see {@link RmsNormRope}
   */
  public void allInto(LinearInput x, Tensor rotary, Tensor queries, Tensor keys, Tensor values) {
    project(x, queries, keys, values);
    normQ.rotate(queries, rotary);
    normK.rotate(keys, rotary);
  }

  private void project(LinearInput x, Tensor queries, Tensor keys, Tensor values) {
    Linear.allInto(x, List.of(q, k, v), List.of(flat(queries), flat(keys), flat(values)));
  }

  /**
   * Adds the layer's output to the residual stream.
   *
   * @param residual {@code [T, C]}, replaced
   * @param gate {@code [F, C]} or null, see {@link Linear#addTo}
   * @param attended what the attention gave, {@code [T, H, D]}
   */
  public void addTo(Tensor residual, Tensor gate, Tensor attended, Workspace.Frame frame) {
    o.addTo(residual, gate, flat(attended), frame);
  }

  /** What products of queries and keys are multiplied with: {@code 1 / sqrt(D)}. */
  public double scale() {
    return 1 / Math.sqrt((double) dim / heads);
  }

  /** {@code [T, C]} seen as {@code [T, H, D]}. */
  public Tensor byHead(Tensor x) {
    return x.reshape(x.size(0), heads, dim / heads);
  }

  /** {@code [T, H, D]} seen as {@code [T, C]}. */
  public Tensor flat(Tensor byHead) {
    return byHead.reshape(byHead.size(0), dim);
  }
}
