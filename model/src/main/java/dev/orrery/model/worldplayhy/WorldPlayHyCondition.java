package dev.orrery.model.worldplayhy;

import dev.orrery.runtime.memory.SessionState;
import java.util.Optional;

/** What prompt and picture say to every chunk of a session. */
final class WorldPlayHyCondition implements SessionState.Part {
  private final TextMemory prompt;
  private final Optional<TextMemory> negative;
  private final int imageValues;
  private float[] image;

  /**
   * Room for a condition.
   *
   * @param prompt gets what the prompt says
   * @param negative gets what the negative prompt says, in models with guidance
   * @param imageValues values of a latent frame
   */
  WorldPlayHyCondition(TextMemory prompt, Optional<TextMemory> negative, int imageValues) {
    this.prompt = prompt;
    this.negative = negative;
    this.imageValues = imageValues;
  }

  TextMemory prompt() {
    return prompt;
  }

  Optional<TextMemory> negative() {
    return negative;
  }

  /** The latent of the picture, {@code [h, w, channels]}. */
  float[] image() {
    return image;
  }

  /** Begins with a picture. */
  void image(float[] latent) {
    image = latent;
  }

  @Override
  public void visitState(SessionState.Visitor state) {
    state.part("prompt", prompt);
    negative.ifPresent(memory -> state.part("negative", memory));
    image = state.floats("image", image, imageValues);
  }
}
