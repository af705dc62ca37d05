package dev.orrery.model.genie1x;

import dev.orrery.kernels.layout.GatherRows;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.Parameters;
import java.util.ArrayList;
import java.util.List;

/**
 * Ids to tokens: the sum of a vector for each factor. A token that is not known is a vector of its
 * own.
 */
final class FactoredEmbedding {
  /**
   * For each factor {@code [V + 1, C]}. The last row belongs to the mask: its vector in the first
   * table, zeros in the others.
   */
  private final List<Tensor> tables = new ArrayList<>();

  private final GatherRows gather;

  FactoredEmbedding(Parameters p, FactoredVocabulary vocabulary, int dim) {
    Tensor mask = p.get("mask_token_embed", 1, dim);
    Tensor nothing = p.constant(new float[dim]).reshape(1, dim);
    for (int factor = 0; factor < vocabulary.factors(); factor++) {
      String name = "factored_embeds." + factor + ".weight";
      Tensor rows = p.get(name, vocabulary.categories(), dim);
      tables.add(p.stacked(rows, factor == 0 ? mask : nothing));
    }
    gather = p.kernel(GatherRows.class);
  }

  /**
   * Looks up.
   *
   * @param factors {@link FactoredVocabulary#factor} of each token, {@code [factors, T]}, I32
   * @param out {@code [T, C]}
   */
  void into(Tensor factors, Tensor out) {
    gather.run(tables.getFirst(), factors.row(0), out);
    for (int factor = 1; factor < tables.size(); factor++) {
      gather.addTo(tables.get(factor), factors.row(factor), out);
    }
  }
}
