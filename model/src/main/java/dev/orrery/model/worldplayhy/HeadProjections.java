package dev.orrery.model.worldplayhy;

import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.Linear;
import dev.orrery.model.layers.LinearInput;
import dev.orrery.model.layers.Parameters;
import dev.orrery.model.layers.WeightedRmsNorm;
import dev.orrery.runtime.memory.Workspace;
import java.util.List;

/**
 * The linear layers around the attention of one stream. Queries and keys are RMS-normalised head by
 * head.
 */
final class HeadProjections {
  private final int heads;
  private final int headDim;
  private final Linear q;
  private final Linear k;
  private final Linear v;
  private final WeightedRmsNorm normQ;
  private final WeightedRmsNorm normK;
  private final Linear output;

  /**
   * @param p parameters of a block
   * @param stream {@code img} or {@code txt}, with which the names of its layers start
   */
  HeadProjections(Parameters p, String stream, WorldPlayHyTransformerConfig config) {
    int dim = config.dim();
    String names = stream + "_attn_";
    heads = config.heads();
    headDim = config.headDim();
    q = Linear.of(p.at(names + "q"), dim, dim);
    k = Linear.of(p.at(names + "k"), dim, dim);
    v = Linear.of(p.at(names + "v"), dim, dim);
    double eps = WorldPlayHyTransformerConfig.EPS;
    normQ = new WeightedRmsNorm(p.at(names + "q_norm"), headDim, eps);
    normK = new WeightedRmsNorm(p.at(names + "k_norm"), headDim, eps);
    output = Linear.of(p.at(names + "proj"), dim, dim);
  }

  /** {@code x [T, C]} to queries {@code [T, H, D]} of the frame of the input. */
  Tensor queries(LinearInput x) {
    Tensor out = byHead(q.forward(x));
    normalise(normQ, out);
    return out;
  }

  /** {@code x [T, C]} to keys and values, {@code [T, H, D]} each. */
  void keysAndValuesInto(LinearInput x, Tensor keys, Tensor values) {
    Linear.allInto(x, List.of(k, v), List.of(flat(keys), flat(values)));
    normalise(normK, keys);
  }

  /** {@code x [T, C]} to queries, keys and values, {@code [T, H, D]} each. */
  void allInto(LinearInput x, Tensor queries, Tensor keys, Tensor values) {
    Linear.allInto(x, List.of(q, k, v), List.of(flat(queries), flat(keys), flat(values)));
    normalise(normQ, queries);
    normalise(normK, keys);
  }

  /**
   * Adds the layer's output to the residual stream.
   *
   * @param residual {@code [T, C]}, replaced
   * @param gate {@code [F, C]}
   * @param attended what the attention gave, {@code [T, H, D]}
   */
  void addTo(Tensor residual, Tensor gate, Tensor attended, Workspace.Frame frame) {
    output.addTo(residual, gate, flat(attended), frame);
  }

  /** What products of queries and keys are multiplied with: {@code 1 / sqrt(D)}. */
  double scale() {
    return 1 / Math.sqrt(headDim);
  }

  /** {@code [T, C]} seen as {@code [T, H, D]}. */
  Tensor byHead(Tensor x) {
    return x.reshape(x.size(0), heads, headDim);
  }

  /** {@code [T, H, D]} seen as {@code [T, C]}. */
  Tensor flat(Tensor byHead) {
    return byHead.reshape(byHead.size(0), (long) heads * headDim);
  }

  private void normalise(WeightedRmsNorm norm, Tensor x) {
    Tensor rows = x.reshape(x.elements() / headDim, headDim);
    norm.into(rows, rows);
  }
}
