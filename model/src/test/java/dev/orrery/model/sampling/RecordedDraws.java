package dev.orrery.model.sampling;

import dev.orrery.model.golden.Golden;

/**
 * The draws that a fixture of 1xgpt recorded for one of its runs.
 *
 * @param priorities {@code [frame, step but the last, token]}, or null
 * @param exponentials {@code [frame, step, draw, token, category]}, the highest factor being drawn
 *     first, or null
 * @param tokens tokens of a frame
 * @param steps steps of a frame
 */
public record RecordedDraws(
    float[] priorities, float[] exponentials, int factors, int tokens, int steps)
    implements TokenDraws {

  /** The draws {@code inputs.<run>.*}. */
  public static RecordedDraws of(Golden golden, String run, int factors, int tokens, int steps) {
    return new RecordedDraws(
        values(golden, "inputs." + run + ".priorities"),
        values(golden, "inputs." + run + ".exponentials"),
        factors,
        tokens,
        steps);
  }

  private static float[] values(Golden golden, String name) {
    return golden.has(name) ? golden.floats(name) : null;
  }

  @Override
  public void gumbel(Position at, int factor, float[] out) {
    int draw = factors - 1 - factor;
    long row = ((at.frame() * steps + at.step()) * factors + draw) * tokens + at.token();
    int first = Math.toIntExact(row * out.length);
    for (int i = 0; i < out.length; i++) {
      out[i] = (float) -Math.log(exponentials[first + i]);
    }
  }

  /** None are drawn on the last step. */
  @Override
  public float priority(Position at) {
    if (at.step() == steps - 1) {
      return 0;
    }
    return priorities[(int) (at.frame() * (steps - 1) + at.step()) * tokens + at.token()];
  }
}
