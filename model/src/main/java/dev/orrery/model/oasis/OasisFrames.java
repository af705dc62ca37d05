package dev.orrery.model.oasis;

import dev.orrery.kernels.tensor.Tensor;

/**
 * The frames of a pass, and what they see of the past: they put their temporal keys and values into
 * the rows {@code [row, row + F)} of the caches and attend to the rows {@code [0, seen)}.
 *
 * <p>Of several frames each sees no later one, so they must be the last of what is seen: {@code
 * seen = row + F}. A single frame sees all of {@code seen}, whatever lies where.
 *
 * @param modulation what timesteps and actions say, a row for each frame
 * @param rotary temporal positions of the frames, {@code [F, P, 2]}; see {@link
 *     OasisTransformer#windowRotary} and {@link OasisTransformer#temporalRotary}
 * @param row row of the caches for the first frame
 * @param seen rows of the caches that are seen
 */
record OasisFrames(OasisModulation modulation, Tensor rotary, int row, int seen) {
  OasisFrames {
    int frames = modulation.rows();
    if (row < 0 || row + frames > seen || frames > 1 && row + frames != seen) {
      throw new IllegalArgumentException(
          "expected frames that are the last of what they see, or one of it, found "
              + frames
              + " from row "
              + row
              + " of "
              + seen);
    }
    if (rotary.size(0) != frames) {
      throw new IllegalArgumentException(
          "rotary: expected a row for each of " + frames + " frames, found " + rotary);
    }
  }

  /** Frames that follow {@code row} others and see them and themselves. */
  static OasisFrames after(int row, OasisModulation modulation, Tensor rotary) {
    return new OasisFrames(modulation, rotary, row, row + modulation.rows());
  }

  /** How many frames there are. */
  int count() {
    return modulation.rows();
  }
}
