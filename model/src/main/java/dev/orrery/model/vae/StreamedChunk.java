package dev.orrery.model.vae;

import dev.orrery.kernels.tensor.Check;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.runtime.memory.FeatureCache;

/**
 * What a streaming autoencoder may be given next: the first latent frame of a stream alone, which
 * stands for one video frame; later ones, which stand for four each, in any number.
 */
public final class StreamedChunk {
  private static final int FRAMES_PER_LATENT = 4;

  private StreamedChunk() {}

  /**
   * Starts a chunk of an encoder.
   *
   * @param video {@code [1 or 4n, Y, X, C]}
   * @param cache what the stream remembers; empty at its start
   * @return whether it is the first chunk
   * @throws IllegalArgumentException for frames that do not come next
   */
  public static boolean ofVideo(Tensor video, FeatureCache cache) {
    int frames = video.size(0);
    boolean first = cache.histories().isEmpty();
    Check.that(
        first ? frames == 1 : frames % FRAMES_PER_LATENT == 0,
        "video: expected "
            + (first ? "1 frame at the start of a stream" : "a multiple of 4 frames")
            + ", found "
            + video);
    cache.rewind();
    return first;
  }

  /**
   * Starts a chunk of a decoder.
   *
   * @param latents {@code [T, h, w, C]}
   * @param cache what the stream remembers; empty at its start
   * @return whether it is the first chunk
   * @throws IllegalArgumentException for more than one frame at the start
   */
  public static boolean ofLatents(Tensor latents, FeatureCache cache) {
    boolean first = cache.histories().isEmpty();
    Check.that(
        latents.size(0) == 1 || !first,
        "latents: expected 1 frame at the start of a stream, found " + latents);
    cache.rewind();
    return first;
  }
}
