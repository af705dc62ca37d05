package dev.orrery.model.sampling;

/**
 * The schedule of 1xgpt: {@code ceil(cos(pi/2 (s+1)/S) N)} of N tokens are masked after step s of
 * S, computed in double. In several places the cosine is a bit above the exact one, so one token
 * more than expected is masked: 9 of 16 after two of three steps.
 *
 * <p>A temperature above zero divides probabilities there, before they are normalised, so it does
 * nothing but make picks random: logits are never divided.
 *
 * <p>Source: {@code maskgit_generate} of 1xgpt's {@code st_mask_git.py}.
 *
 * @param steps steps of a frame
 * @param random whether picks are drawn, at a temperature of one
 */
public record CosineSchedule(int steps, boolean random) implements MaskSchedule {
  @Override
  public int maskedAfter(int step, int tokens) {
    if (step == steps - 1) {
      return 0;
    }
    double done = (step + 1) / (double) steps;
    return (int) Math.ceil(StrictMath.cos(done * Math.PI / 2) * tokens);
  }

  @Override
  public float temperature(int step) {
    return 1;
  }

  @Override
  public boolean draws(int step) {
    return random;
  }
}
