package dev.orrery.model.worldplay;

import dev.orrery.runtime.memory.KvCache;
import dev.orrery.runtime.memory.SessionState;
import java.util.List;

/** What prompt and picture say to every chunk of a session. */
final class WorldPlayCondition implements SessionState.Part {
  private final List<KvCache.View> texts;
  private final int imageValues;
  private float[] image;

  /**
   * Room for a condition.
   *
   * @param texts keys and values of the prompt for each block of the transformer
   * @param imageValues values of a latent frame
   */
  WorldPlayCondition(List<KvCache.View> texts, int imageValues) {
    this.texts = texts;
    this.imageValues = imageValues;
  }

  /** Keys and values of the prompt for each block of the transformer. */
  List<KvCache.View> texts() {
    return texts;
  }

  /** The latent of the picture, {@code [h, w, channels]}, which is frame 0; null without one. */
  float[] image() {
    return image;
  }

  /** Begins with a picture. */
  void image(float[] latent) {
    image = latent;
  }

  @Override
  public void visitState(SessionState.Visitor state) {
    for (int i = 0; i < texts.size(); i++) {
      state.part("block" + i, texts.get(i));
    }
    boolean begins = state.number("images", image == null ? 0 : 1, 1) == 1;
    image = begins ? state.floats("image", image, imageValues) : null;
  }
}
