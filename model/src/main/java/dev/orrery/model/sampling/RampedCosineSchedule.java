package dev.orrery.model.sampling;

/**
 * The schedule of jafar, in fp32: with {@code r = cos(pi (s+1) / 2S)} the logits of step s of S are
 * divided by {@code temperature (1 - r)}, which rises from almost zero to the temperature, and
 * {@code round(N (1 - r)) + 1} of N tokens are known after it; halves are rounded to even. The last
 * step takes the most likely categories.
 *
 * <p>Source: {@code MaskGITStep} of jafar's {@code genie.py}; that one token more is known than was
 * rounded is its comparison with {@code >}.
 *
 * @param steps steps of a frame
 * @param temperature of the last step, above zero
 * @param random whether the steps before the last one draw
 */
public record RampedCosineSchedule(int steps, float temperature, boolean random)
    implements MaskSchedule {
  public RampedCosineSchedule {
    if (!(temperature > 0) || temperature == Float.POSITIVE_INFINITY) {
      throw new IllegalArgumentException(
          "temperature: expected a positive number, found " + temperature);
    }
  }

  @Override
  public int maskedAfter(int step, int tokens) {
    int known = (int) Math.rint(tokens * ramp(step)) + 1;
    return Math.max(0, tokens - known);
  }

  @Override
  public float temperature(int step) {
    return temperature * ramp(step);
  }

  @Override
  public boolean draws(int step) {
    return random && step < steps - 1;
  }

  private float ramp(int step) {
    float angle = (float) Math.PI * (step + 1) / (2 * steps);
    return 1 - (float) StrictMath.cos(angle);
  }
}
