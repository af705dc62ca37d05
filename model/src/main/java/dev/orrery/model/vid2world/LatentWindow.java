package dev.orrery.model.vid2world;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.sampling.LinearCombination;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.runtime.memory.SessionState;
import dev.orrery.runtime.trace.Trace;

/**
 * The latents of a window: those of the past, clean and as the U-Net sees them, and the one that is
 * made.
 *
 * <p>Frames of the past are noised once, to a level of their own, and stay so for all steps of a
 * frame. But the last of them is noised when the frame after it is begun, and keeps that: in a
 * window that grows, every frame that was made gets its noise then; frames that were there from the
 * start got theirs together, and the last of them loses it again.
 */
final class LatentWindow {
  private final Backend backend;
  private final LinearCombination combine;
  private final double signal;
  private final double noise;
  private final Tensor clean;
  private final Tensor seen;
  private final Tensor drawn;

  /** Frames of the past. */
  private int past;

  /**
   * A window without any past.
   *
   * @param config rows and columns of latents
   * @param frames of the window, with the one that is made
   * @param alphaBar share of the signal's variance at the level of the past
   */
  LatentWindow(UnetConfig config, int frames, double alphaBar, Backend backend, TensorArena arena) {
    this.backend = backend;
    combine = backend.kernel(LinearCombination.class);
    signal = Math.sqrt(alphaBar);
    noise = Math.sqrt(1 - alphaBar);
    clean =
        arena.empty(DType.F32, frames, config.rows(), config.columns(), UnetConfig.LATENT_CHANNELS);
    seen = like(frames, arena);
    drawn = like(frames, arena);
  }

  /** The window of a model, without any past. */
  static LatentWindow of(Vid2WorldConfig config, Backend backend, TensorArena arena) {
    double alphaBar = new ZeroSnrSchedule().alphaBar(config.sampling().historyTimestep());
    return new LatentWindow(config.unet(), config.frames().window(), alphaBar, backend, arena);
  }

  /** Latents of some frames, {@code [F, y, x, 4]}. */
  Tensor like(int frames, TensorArena arena) {
    return arena.empty(DType.F32, frames, clean.size(1), clean.size(2), clean.size(3));
  }

  /** Frames of the past. */
  int past() {
    return past;
  }

  /** Frames that fit, with the one that is made. */
  int capacity() {
    return clean.size(0);
  }

  /** The clean latents of the past, {@code [past, y, x, 4]}. */
  Tensor clean() {
    return clean.slice(0, past);
  }

  /** The clean latent of the first frame, {@code [1, y, x, 4]}. */
  Tensor first() {
    return clean.slice(0, 1);
  }

  /** What the U-Net sees, {@code [past + 1, y, x, 4]}. */
  Tensor seen() {
    return seen.slice(0, past + 1L);
  }

  /** The frame that is made, {@code [1, y, x, 4]}. */
  Tensor newest() {
    return seen.slice(past, past + 1L);
  }

  /** Makes these frames the past, noised together. */
  void fill(float[] latents, int frames, FrameDraws draws) {
    past = frames;
    Tensor rows = clean.slice(0, frames);
    draws.runner().upload(latents, rows);
    draws.draw(FrameDraws.Kind.HISTORY, drawn.slice(0, frames));
    draws.runner().run(() -> noise(0, frames), Trace.NONE);
  }

  /** Draws what the newest frame is made from, and the noise of the frame before it. */
  void begin(FrameDraws draws) {
    draws.draw(FrameDraws.Kind.START, newest());
    draws.draw(FrameDraws.Kind.HISTORY_LAST, drawn.slice(past - 1L, past));
    draws.runner().run(() -> noise(past - 1, past), Trace.NONE);
  }

  private void noise(int from, int to) {
    Tensor rows = clean.slice(from, to);
    combine.run(signal, rows, noise, drawn.slice(from, to), seen.slice(from, to));
  }

  /**
   * Keeps the newest frame as one of the past; the oldest one leaves when there is no room.
   *
   * @return whether one left
   */
  boolean keep() {
    backend.copy(newest(), clean.slice(past, past + 1L));
    if (past < capacity() - 1) {
      past++;
      return false;
    }
    backend.copy(clean.slice(1, capacity()), clean.slice(0, past));
    backend.copy(seen.slice(1, capacity()), seen.slice(0, past));
    return true;
  }

  /** Shows the past; what is made of a frame that is begun is not part of it. */
  void visitState(SessionState.Visitor state) {
    past = (int) state.number("past", past, capacity() - 1L);
    if (past > 0) {
      state.finite("clean", clean.slice(0, past));
      state.finite("seen", seen.slice(0, past));
    }
  }
}
