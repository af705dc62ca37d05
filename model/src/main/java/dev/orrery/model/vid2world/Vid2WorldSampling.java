package dev.orrery.model.vid2world;

import dev.orrery.runtime.checkpoint.JsonValue;

/**
 * How a frame is sampled.
 *
 * @param steps denoising steps, each of two passes
 * @param eta how much of the noise of each next level is drawn anew, 0 to 1
 * @param guidance how far the velocity is led from that of no action to that of the action; 1 is
 *     the action's own
 * @param rescale how much of what guidance adds to the spread of velocities is taken back, 0 to 1
 */
record Vid2WorldSampling(int steps, double eta, double guidance, double rescale) {
  /** What the reference makes its videos with. */
  static final Vid2WorldSampling RELEASED = new Vid2WorldSampling(50, 1, 2.5, 0.7);

  private static final double MOST_GUIDANCE = 100;

  /**
   * Reads the settings; what is missing is as released.
   *
   * @throws dev.orrery.runtime.checkpoint.CheckpointException if one is out of range
   */
  static Vid2WorldSampling read(JsonValue json) {
    int steps = json.integer("steps", RELEASED.steps);
    if (steps < ZeroSnrSchedule.LEAST_STEPS || steps > ZeroSnrSchedule.LEVELS) {
      throw json.get("steps")
          .unexpected(ZeroSnrSchedule.LEAST_STEPS + " to " + ZeroSnrSchedule.LEVELS);
    }
    return new Vid2WorldSampling(
        steps,
        share(json, "eta", RELEASED.eta, 1),
        share(json, "guidance", RELEASED.guidance, MOST_GUIDANCE),
        share(json, "guidance_rescale", RELEASED.rescale, 1));
  }

  private static double share(JsonValue json, String key, double released, double most) {
    double value = json.number(key, released);
    if (!(value >= 0 && value <= most)) {
      throw json.get(key).unexpected("0 to " + most);
    }
    return value;
  }

  /**
   * The same with another number of steps.
   *
   * @throws IllegalArgumentException if there cannot be so many
   */
  Vid2WorldSampling withSteps(int count) {
    if (count < ZeroSnrSchedule.LEAST_STEPS || count > ZeroSnrSchedule.LEVELS) {
      throw new IllegalArgumentException(
          "expected "
              + ZeroSnrSchedule.LEAST_STEPS
              + " to "
              + ZeroSnrSchedule.LEVELS
              + ", found "
              + count);
    }
    return new Vid2WorldSampling(count, eta, guidance, rescale);
  }

  /**
   * The level to which frames of the past are noised, once for all steps of a frame: that of the
   * last step but one.
   */
  int historyTimestep() {
    return ZeroSnrSchedule.timesteps(steps)[steps - 2];
  }

  /** Forward passes of the U-Net for a frame. */
  int passes() {
    return 2 * steps;
  }

  /**
   * By what the guided velocity is multiplied, so that the spread of all values comes nearer to
   * that of the velocity with the action.
   *
   * @param acting velocity of a window whose newest frame knows its action
   * @param idle velocity where it does not
   */
  double factor(float[] acting, float[] idle) {
    double[] guided = new double[acting.length];
    double[] own = new double[acting.length];
    for (int i = 0; i < guided.length; i++) {
      own[i] = acting[i];
      guided[i] = idle[i] + guidance * ((double) acting[i] - idle[i]);
    }
    return rescale * Math.sqrt(spread(own) / spread(guided)) + 1 - rescale;
  }

  /** Variance of as many values as there are, whose number cancels in the quotient of two. */
  private static double spread(double[] values) {
    double sum = 0;
    for (double value : values) {
      sum += value;
    }
    double mean = sum / values.length;
    double squares = 0;
    for (double value : values) {
      squares += (value - mean) * (value - mean);
    }
    return squares;
  }
}
