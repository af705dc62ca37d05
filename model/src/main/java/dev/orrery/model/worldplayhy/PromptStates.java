package dev.orrery.model.worldplayhy;

import dev.orrery.kernels.tensor.Tensor;
import java.util.Optional;

/**
 * What the encoders say about a start, on the backend, without padding.
 *
 * @param vision states of the picture, {@code [v, channels]}
 * @param glyphs states of the quoted text, {@code [m, channels]}; empty if there is none
 * @param text states of the prompt, {@code [n, channels]}
 * @param textMean their mean, {@code [1, channels]}, fp32
 */
record PromptStates(Tensor vision, Optional<Tensor> glyphs, Tensor text, Tensor textMean) {
  /**
   * The mean of the states of a prompt.
   *
   * @param text {@code [n, channels]}, on the host
   * @return {@code [1, channels]}, fp32, on the host
   */
  static Tensor mean(Tensor text) {
    int channels = text.size(1);
    float[] values = text.toFloats();
    double[] sums = new double[channels];
    for (int i = 0; i < values.length; i++) {
      sums[i % channels] += values[i];
    }
    float[] means = new float[channels];
    for (int i = 0; i < channels; i++) {
      means[i] = (float) (sums[i] / text.size(0));
    }
    return Tensor.of(means, 1, channels);
  }

  /** The same with states of quoted text. */
  PromptStates withGlyphs(Optional<Tensor> states) {
    return new PromptStates(vision, states, text, textMean);
  }

  /** Tokens of the text stream. */
  int tokens() {
    return firstText() + text.size(0);
  }

  /** Where those of the prompt begin, behind the picture and the quoted text. */
  int firstText() {
    return vision.size(0) + glyphs.map(states -> states.size(0)).orElse(0);
  }
}
