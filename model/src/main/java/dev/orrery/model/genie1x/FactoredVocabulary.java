package dev.orrery.model.genie1x;

import dev.orrery.runtime.checkpoint.JsonValue;

/**
 * Ids that are made of factors: {@code id = f0 + V f1 + V^2 f2 ..}. The id behind the last one
 * stands for a token that is not known.
 *
 * @param factors number of factors
 * @param categories values V of a factor
 */
record FactoredVocabulary(int factors, int categories) {
  private static final int IMAGE_VOCABULARY = 262144;

  /** Reads {@code image_vocab_size} and how it is factored. */
  static FactoredVocabulary read(JsonValue json) {
    int ids = json.integer("image_vocab_size", IMAGE_VOCABULARY);
    int factors = json.integer("num_factored_vocabs", 1);
    if (factors < 1 || factors > 30) {
      throw json.get("num_factored_vocabs").unexpected("1 to 30");
    }
    int categories = (int) Math.round(Math.pow(Math.max(ids, 0), 1.0 / factors));
    if (categories < 2 || Math.pow(categories, factors) != ids || ids == Integer.MAX_VALUE) {
      throw json.get("image_vocab_size").unexpected("a power of " + factors + " of 2 or more");
    }
    // Null in the released files, where it follows from the other two.
    if (json.has("factored_vocab_size") && json.integer("factored_vocab_size") != categories) {
      throw json.get("factored_vocab_size").unexpected(categories + ", the root of the vocabulary");
    }
    return new FactoredVocabulary(factors, categories);
  }

  /** Number of ids. */
  int ids() {
    return (int) Math.pow(categories, factors);
  }

  /** The id of a token that is not known. */
  int mask() {
    return ids();
  }

  /**
   * One factor of each of some ids; that of {@link #mask} is V.
   *
   * @param factor 0 for the lowest
   */
  int[] factor(int[] ids, int factor) {
    int divisor = (int) Math.pow(categories, factor);
    int[] out = new int[ids.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = ids[i] == mask() ? categories : ids[i] / divisor % categories;
    }
    return out;
  }
}
