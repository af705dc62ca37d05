package dev.orrery.model.oasis;

import dev.orrery.kernels.position.RotaryTable;
import dev.orrery.model.layers.Parameters;
import java.util.ArrayList;
import java.util.List;

/**
 * Frequencies and tables of Oasis' rotary embeddings.
 *
 * <p>Source: {@code rotary_embedding_torch.py} of open-oasis; its "pixel" frequencies are multiples
 * of pi, its "language" frequencies powers of 10000.
 */
final class OasisRotary {
  private static final double THETA = 10000;

  private OasisRotary() {}

  /**
   * {@code linspace(1, largest / 2, count) * pi}, in fp32.
   *
   * @param largest twice the largest frequency, in half turns for each unit of position
   */
  static float[] pixelFrequencies(double largest, int count) {
    float[] frequencies = RotaryTable.linspace(1, (float) (largest / 2), count);
    for (int i = 0; i < count; i++) {
      frequencies[i] *= (float) Math.PI;
    }
    return frequencies;
  }

  /** {@code 10000^(-i / count)}. */
  static float[] languageFrequencies(int count) {
    float[] frequencies = new float[count];
    for (int i = 0; i < count; i++) {
      frequencies[i] = (float) Math.pow(THETA, -(double) i / count);
    }
    return frequencies;
  }

  /**
   * The table of a grid that reaches from -1 to 1 both ways, {@code [rows * columns, 2 *
   * frequencies, 2]}.
   */
  static float[] grid(int rows, int columns, float[] frequencies) {
    return RotaryTable.axial(
        RotaryTable.linspace(-1, 1, rows),
        frequencies,
        RotaryTable.linspace(-1, 1, columns),
        frequencies);
  }

  /**
   * The frequencies of a transformer as its checkpoint has them. They are one tensor that the
   * reference stores once for the whole network and once for each block; a file that holds shared
   * tensors once keeps any of these names. If it has none, the formula gives them.
   *
   * @param p parameters of the transformer
   * @param half {@code s} or {@code t}, as blocks call it
   * @param whole {@code spatial} or {@code temporal}, as the network calls it
   * @param layers blocks
   * @param formula what it gives
   */
  static float[] stored(Parameters p, String half, String whole, int layers, float[] formula) {
    List<String> names = new ArrayList<>();
    names.add(whole + "_rotary_emb.freqs");
    for (int i = 0; i < layers; i++) {
      names.add("blocks." + i + "." + half + "_attn.rotary_emb.freqs");
    }
    List<String> copies = names.stream().filter(p::has).toList();
    if (copies.isEmpty()) {
      return formula;
    }
    for (String copy : copies.subList(1, copies.size())) {
      p.unused(copy, formula.length);
    }
    return p.values(copies.getFirst(), formula.length);
  }
}
