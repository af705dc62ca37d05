package dev.orrery.model.worldplay;

import dev.orrery.runtime.memory.KvCache;
import dev.orrery.runtime.memory.SessionState;
import java.util.List;

/**
 * What prompt and picture say to every chunk of a session. The latent of the picture is drawn with
 * noise, so it is one for each seed.
 */
final class WorldPlayCondition implements SessionState.Part {
  private final List<KvCache.View> texts;
  private final int imageValues;
  private float[] moments;
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

  /** Begins with a picture, whose latent is drawn for each seed from its encoder's moments. */
  void moments(float[] encoded) {
    moments = encoded;
  }

  /**
   * What the picture's latent is drawn from; null without a picture, or if that was done before.
   */
  float[] moments() {
    return moments;
  }

  /** The same prompt, and the latent of the picture. */
  WorldPlayCondition withImage(float[] latent) {
    WorldPlayCondition drawn = new WorldPlayCondition(texts, imageValues);
    drawn.image = latent;
    return drawn;
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
