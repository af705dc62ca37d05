package dev.orrery.model.layers;

import dev.orrery.kernels.norm.RmsNorm;
import dev.orrery.kernels.position.RmsNormRope;
import dev.orrery.kernels.position.RmsNormRope.Span;
import dev.orrery.kernels.tensor.Tensor;

/**
 * The linear layers around an attention of the Wan family: {@code q}, {@code k}, {@code v} before
 * it and {@code o} behind it. Queries and keys are RMS-normalised over all channels, before they
 * are split into heads.
 */
public final class AttentionProjections {
  private final int heads;
  private final int dim;
  private final double eps;
  private final Linear q;
  private final Linear k;
  private final Linear v;
  private final Tensor normQ;
  private final Tensor normK;
  private final Linear o;
  private final RmsNorm rmsNorm;
  private final RmsNormRope rmsNormRope;

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
    this.eps = eps;
    q = Linear.of(p.at(names.q), dim, dim);
    k = Linear.of(p.at(names.k), dim, dim);
    v = Linear.of(p.at(names.v), dim, dim);
    normQ = p.get("norm_q.weight", dim);
    normK = p.get("norm_k.weight", dim);
    o = Linear.of(p.at(names.o), dim, dim);
    rmsNorm = p.kernel(RmsNorm.class);
    rmsNormRope = p.kernel(RmsNormRope.class);
  }

  /** {@code x [T, C]} to queries {@code [T, C]}. */
  public void queries(LinearInput x, Tensor out) {
    q.forward(x, out);
    rmsNorm.run(out, normQ, eps, out);
  }

  /** {@code x [T, C]} to keys {@code [T, C]}. */
  public void keys(LinearInput x, Tensor out) {
    k.forward(x, out);
    rmsNorm.run(out, normK, eps, out);
  }

  /**
   * {@code x [T, C]} to queries {@code [T, C]} that know their position.
   *
   * @param table see {@link RmsNormRope}
   */
  public void queries(LinearInput x, Tensor table, Tensor out) {
    q.forward(x, out);
    rmsNormRope.run(byHead(out), Span.TOKEN, normQ, eps, table, byHead(out));
  }

  /**
   * {@code x [T, C]} to keys {@code [T, C]} that know their position.
   *
   * @param table see {@link RmsNormRope}
   */
  public void keys(LinearInput x, Tensor table, Tensor out) {
    k.forward(x, out);
    rmsNormRope.run(byHead(out), Span.TOKEN, normK, eps, table, byHead(out));
  }

  /** {@code x [T, C]} to values {@code [T, C]}. */
  public void values(LinearInput x, Tensor out) {
    v.forward(x, out);
  }

  /**
   * Adds the layer's output to the residual stream.
   *
   * @param attended what the attention gave, {@code [T, C]}
   * @param gate {@code [F, C]} or null, see {@link Linear#addTo}
   * @param residual {@code [T, C]}, replaced
   */
  public void addOutput(LinearInput attended, Tensor gate, Tensor residual) {
    o.addTo(residual, gate, attended);
  }

  /** {@code [T, C]} seen as {@code [T, H, D]}. */
  public Tensor byHead(Tensor x) {
    return x.reshape(x.size(0), heads, dim / heads);
  }

  /** What products of queries and keys are multiplied with: {@code 1 / sqrt(D)}. */
  public double scale() {
    return 1 / Math.sqrt((double) dim / heads);
  }
}
