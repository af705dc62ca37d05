package dev.orrery.model.jafar;

import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.Parameters;

/**
 * The vectors that a vector quantiser knows, each of length one.
 *
 * <p>Source: {@code VectorQuantizer} of jafar's {@code utils/nn.py}.
 */
final class Codebook {
  private static final float EPS = 1e-8f;

  private final int codes;
  private final int dim;
  private final float[] vectors;

  /** Takes {@code codebook [codes, dim]}. */
  Codebook(Parameters p, int codes, int dim) {
    this.codes = codes;
    this.dim = dim;
    vectors = p.values("codebook", codes, dim);
    normalise(vectors);
  }

  private void normalise(float[] rows) {
    for (int from = 0; from < rows.length; from += dim) {
      double squares = 0;
      for (int i = from; i < from + dim; i++) {
        squares += (double) rows[i] * rows[i];
      }
      float length = (float) Math.sqrt(squares) + EPS;
      for (int i = from; i < from + dim; i++) {
        rows[i] /= length;
      }
    }
  }

  /** The vectors, {@code [codes, dim]}, fp32 on the host. */
  float[] vectors() {
    return vectors.clone();
  }

  /** The vectors of some codes, {@code [ids, dim]}, fp32 on the host. */
  Tensor vectors(int[] ids) {
    float[] out = new float[ids.length * dim];
    for (int i = 0; i < ids.length; i++) {
      System.arraycopy(vectors, ids[i] * dim, out, i * dim, dim);
    }
    return Tensor.of(out, ids.length, dim);
  }

  /**
   * The code that points most nearly the way of each vector; of equally near ones the first.
   *
   * @param z {@code [n, dim]}; brought to length one
   */
  int[] nearest(float[] z) {
    float[] rows = z.clone();
    normalise(rows);
    int[] ids = new int[rows.length / dim];
    for (int row = 0; row < ids.length; row++) {
      double largest = Double.NEGATIVE_INFINITY;
      for (int code = 0; code < codes; code++) {
        double cosine = 0;
        for (int i = 0; i < dim; i++) {
          cosine += (double) rows[row * dim + i] * vectors[code * dim + i];
        }
        if (cosine > largest) {
          largest = cosine;
          ids[row] = code;
        }
      }
    }
    return ids;
  }
}
