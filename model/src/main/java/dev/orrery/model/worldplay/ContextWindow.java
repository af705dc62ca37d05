package dev.orrery.model.worldplay;

import java.util.List;

/**
 * The latent frames that the transformer has in front of it while it makes a chunk: those it
 * remembers, and behind them the chunk.
 *
 * <p>Temporal reframing: the rotary embedding counts positions in this window, not latent frames of
 * the rollout, so that an old frame is as near as a recent one. Remembered frame {@code
 * memory.get(j)} has slot {@code j}, the frames of the chunk have the slots from {@link
 * #firstChunkSlot()} on. Cameras and actions stay those of the frames themselves.
 *
 * @param memory latent frames of the rollout, ascending; none for the first chunk
 * @param firstFrame the chunk's first latent frame of the rollout
 * @param chunkFrames latent frames of the chunk
 */
public record ContextWindow(List<Integer> memory, int firstFrame, int chunkFrames) {
  public ContextWindow {
    memory = List.copyOf(memory);
  }

  /** Slot of the chunk's first frame. */
  public int firstChunkSlot() {
    return memory.size();
  }
}
