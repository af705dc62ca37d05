package dev.orrery.model.worldplay;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.camera.CameraPath;
import dev.orrery.runtime.memory.RowHistory;
import dev.orrery.runtime.memory.SessionState;
import java.util.List;

/** Clean latents of all chunks of a session so far: any of them may be remembered again. */
public final class LatentHistory implements SessionState.Part, AutoCloseable {
  private final Backend backend;
  private final RowHistory chunks;
  private final int chunkFrames;
  private final int chunkValues;

  /**
   * An empty history.
   *
   * @param chunk latents like those of every chunk, {@code [F, h, w, channels]}, fp32
   */
  public LatentHistory(Backend backend, Tensor chunk) {
    this.backend = backend;
    chunks = RowHistory.of(chunk);
    chunkFrames = chunk.size(0);
    chunkValues = Math.toIntExact(chunk.elements());
  }

  /** Latent frames so far. */
  public int frames() {
    return chunks.size() * chunkFrames;
  }

  /** The latents of some frames, one after the other. */
  public float[] read(List<Integer> frames) {
    int frameValues = chunkValues / chunkFrames;
    float[] values = new float[Math.multiplyExact(frames.size(), frameValues)];
    for (int i = 0; i < frames.size(); i++) {
      int frame = frames.get(i);
      chunks.read(
          frame / chunkFrames,
          frame % chunkFrames * frameValues,
          values,
          i * frameValues,
          frameValues);
    }
    return values;
  }

  /** Writes down the latents of the next chunk, while it can still be made again. */
  public void offer(Tensor chunk) {
    float[] values = new float[chunkValues];
    backend.copy(chunk, Tensor.of(values, chunk.shape().extents()));
    chunks.offer(values);
  }

  /** Keeps what was offered, which cannot fail. */
  public void keep() {
    chunks.keep();
  }

  @Override
  public void visitState(SessionState.Visitor state) {
    int count = (int) state.number("chunks", chunks.size(), CameraPath.MAX_FRAMES / chunkFrames);
    chunks.visitState(state, "latents", count);
  }

  /** Forgets the chunks. */
  @Override
  public void close() {
    chunks.close();
  }
}
