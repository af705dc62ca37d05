package dev.orrery.model.matrixgame2;

import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.runtime.memory.SessionState;
import java.util.List;

/**
 * The newest actions of a session, and from them the windows that the action modules see. Latent
 * frame f sees the actions of the video frames {@code r f - W .. r f - 1} with r video frames to a
 * latent frame and windows of W; video frames before the first one repeat its action. So the action
 * of the last video frame of a chunk first counts for the next chunk.
 */
final class ActionHistory implements SessionState.Part {
  private final ActionConfig config;
  private final int capacity;
  private final float[] keyboard;
  private final float[] mouse;

  /**
   * An empty history.
   *
   * @param framesPerChunk latent frames whose windows are asked for at once
   */
  ActionHistory(ActionConfig config, int framesPerChunk) {
    this.config = config;
    this.capacity = config.window() + config.timeRatio() * (framesPerChunk + 1);
    this.keyboard = new float[capacity * config.keyboardDim()];
    this.mouse = new float[capacity * config.mouseDim()];
  }

  /**
   * Notes the actions of consecutive video frames, replacing what was noted for them before.
   *
   * @throws IllegalArgumentException if an action has other sizes than the model's or a value that
   *     is not finite
   */
  void put(long firstVideoFrame, List<KeyboardMouse> actions) {
    for (int i = 0; i < actions.size(); i++) {
      KeyboardMouse action = actions.get(i);
      if (action.keyboard().length != config.keyboardDim()
          || action.mouse().length != config.mouseDim()) {
        throw new IllegalArgumentException(
            "action: expected "
                + config.keyboardDim()
                + " keys and "
                + config.mouseDim()
                + " mouse axes, found "
                + action.keyboard().length
                + " and "
                + action.mouse().length);
      }
      requireFinite(action.keyboard());
      requireFinite(action.mouse());
      int slot = (int) ((firstVideoFrame + i) % capacity);
      System.arraycopy(
          action.keyboard(), 0, keyboard, slot * config.keyboardDim(), config.keyboardDim());
      System.arraycopy(action.mouse(), 0, mouse, slot * config.mouseDim(), config.mouseDim());
    }
  }

  /** A value that is not finite would stay in the caches of all later chunks. */
  private static void requireFinite(float[] values) {
    for (float value : values) {
      if (!Float.isFinite(value)) {
        throw new IllegalArgumentException("action: expected finite values, found " + value);
      }
    }
  }

  /**
   * Key vectors {@code [frames * W, keys]} of the latent frames from {@code startFrame} on, oldest
   * first.
   */
  float[] keyboardWindows(long startFrame, int frames) {
    return windows(keyboard, config.keyboardDim(), startFrame, frames);
  }

  /**
   * Mouse movements {@code [frames, W * axes]} of the latent frames from {@code startFrame} on,
   * oldest first.
   */
  float[] mouseWindows(long startFrame, int frames) {
    return windows(mouse, config.mouseDim(), startFrame, frames);
  }

  @Override
  public void visitState(SessionState.Visitor state) {
    state.tensor("keyboard", Tensor.of(keyboard, keyboard.length));
    state.tensor("mouse", Tensor.of(mouse, mouse.length));
    state.requireFinite("keyboard", keyboard);
    state.requireFinite("mouse", mouse);
  }

  private float[] windows(float[] values, int width, long startFrame, int frames) {
    int window = config.window();
    float[] out = new float[frames * window * width];
    for (int f = 0; f < frames; f++) {
      for (int i = 0; i < window; i++) {
        long videoFrame = Math.max(0, (startFrame + f) * config.timeRatio() - window + i);
        int slot = (int) (videoFrame % capacity);
        System.arraycopy(values, slot * width, out, (f * window + i) * width, width);
      }
    }
    return out;
  }
}
