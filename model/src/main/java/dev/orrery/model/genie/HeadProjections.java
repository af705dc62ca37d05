package dev.orrery.model.genie;

import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.AffineLayerNorm;
import dev.orrery.model.layers.Linear;
import dev.orrery.model.layers.LinearInput;
import dev.orrery.runtime.memory.Workspace;

/**
 * The linear layers around an attention.
 *
 * @param heads attention heads, a divisor of the channels of queries, keys and values
 * @param norm of the channels of each head, for queries and keys alike; null for none
 * @param scale what products of queries and keys are multiplied with
 */
public record HeadProjections(
    int heads,
    Linear queries,
    Linear keys,
    Linear values,
    Linear output,
    AffineLayerNorm norm,
    double scale) {

  /** {@code x [T, C]} to queries {@code [T, H, D]} of the frame of the input. */
  Tensor queries(LinearInput x) {
    return normalised(byHead(queries.forward(x)));
  }

  /** {@code x [T, C]} to keys {@code [T, H, D]} of the frame of the input. */
  Tensor keys(LinearInput x) {
    return normalised(byHead(keys.forward(x)));
  }

  /** {@code x [T, C]} to values {@code [T, H, D]} of the frame of the input. */
  Tensor values(LinearInput x) {
    return byHead(values.forward(x));
  }

  /** {@code x [T, C]} to keys {@code out [T, H * D]}. */
  void keysInto(LinearInput x, Tensor out) {
    keys.into(x, out);
    normalised(byHead(out));
  }

  /** {@code x [T, C]} to values {@code out [T, H * D]}. */
  void valuesInto(LinearInput x, Tensor out) {
    values.into(x, out);
  }

  /**
   * Adds the layer's output to the residual stream.
   *
   * @param residual {@code [T, C]}, replaced
   * @param attended what the attention gave, T times H times D values
   */
  void addTo(Tensor residual, Tensor attended, Workspace.Frame frame) {
    int tokens = residual.size(0);
    output.addTo(residual, null, attended.reshape(tokens, attended.elements() / tokens), frame);
  }

  /** {@code [T, H * D]} seen as {@code [T, H, D]}. */
  private Tensor byHead(Tensor x) {
    return x.reshape(x.size(0), heads, x.size(1) / heads);
  }

  /** Normalises {@code x [T, H, D]} in place. */
  private Tensor normalised(Tensor x) {
    if (norm != null) {
      Tensor rows = x.reshape((long) x.size(0) * heads, x.size(2));
      norm.into(rows, rows);
    }
    return x;
  }
}
