package dev.orrery.model.text;

import java.util.Arrays;
import java.util.Optional;

/**
 * The tokens of a prompt.
 *
 * @param ids the tokens that fit, the end token last
 * @param dropped tokens at the end of the prompt that did not fit
 * @param limit the most tokens there may be, the end token counted
 * @param padding what rows without a token are filled with
 */
public record Tokens(int[] ids, int dropped, int limit, int padding) {
  /**
   * What to tell the user if the text was too long.
   *
   * @param what the text is
   */
  public Optional<String> warning(String what) {
    return dropped == 0
        ? Optional.empty()
        : Optional.of(
            what
                + ": the last "
                + dropped
                + " of "
                + (ids.length - 1 + dropped)
                + " tokens are ignored, at most "
                + (limit - 1)
                + " are read");
  }

  /** The tokens and, up to the limit, padding. */
  public int[] padded() {
    int[] padded = Arrays.copyOf(ids, limit);
    Arrays.fill(padded, ids.length, limit, padding);
    return padded;
  }

  /** One for each row of {@link #padded} that is a token, zero for padding. */
  public int[] mask() {
    int[] mask = new int[limit];
    Arrays.fill(mask, 0, ids.length, 1);
    return mask;
  }
}
