package dev.orrery.model.magvit2;

/**
 * A token's id and the signs of its features: bit c of the id, the lowest being bit 0, is 1 where
 * feature c is above zero.
 *
 * <p>That is the order of the released tokens and of the models that were trained on them. The
 * tokenizer's own code numbers an encoded picture the other way round; ids of that order would be
 * decoded to another picture.
 *
 * <p>Source: lookup-free quantisation of Yu et al., Language Model Beats Diffusion, section 3.1.
 *
 * @param bits bits of an id, which are channels of a code
 */
public record SignCode(int bits) {
  /**
   * The ids of features.
   *
   * @param features {@code [tokens, bits]}; zero, of either sign, is not above zero
   */
  public int[] ids(float[] features) {
    int[] ids = new int[features.length / bits];
    for (int i = 0; i < features.length; i++) {
      if (features[i] > 0) {
        ids[i / bits] |= 1 << i % bits;
      }
    }
    return ids;
  }

  /**
   * What ids are decoded from: 1 for every bit that is set, -1 for the others, {@code [tokens,
   * bits]}.
   */
  public float[] code(int[] ids) {
    float[] code = new float[Math.multiplyExact(ids.length, bits)];
    for (int i = 0; i < code.length; i++) {
      code[i] = 2 * (ids[i / bits] >>> i % bits & 1) - 1;
    }
    return code;
  }
}
