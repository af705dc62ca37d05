package dev.orrery.model.session;

import dev.orrery.runtime.media.RgbImage;
import java.nio.file.Path;

/**
 * Loaded weights of a world model. Immutable: any number of sessions may share it, each on a thread
 * of its own. On a CPU they take turns: two sessions take twice the time of one.
 */
public interface WorldModel extends AutoCloseable {
  /** One line that says what this is: family, variant, size of the frames. */
  String description();

  /** Columns of a video frame. */
  int width();

  /** Rows of a video frame. */
  int height();

  /** Video frames in a second, as the family's own videos have them. */
  int framesPerSecond();

  /** The actions that this model takes for each video frame. */
  ActionSpace actionSpace();

  /**
   * Video frames that a chunk has: those that the model makes together.
   *
   * @param chunk from 0
   */
  int framesOfChunk(int chunk);

  /** The memory that the model and each session take here; encoding a prompt is not counted. */
  MemoryPlan memory();

  /**
   * Encodes a start, from which worlds of many seeds can begin. It must be closed before the model
   * is.
   *
   * @param start images are cropped and resized as the model wants them; its seed says nothing here
   * @param progress receives the encoding
   * @throws UnusableStartException if the start lacks something or has too much, or an image is too
   *     far from the shape of the video, see {@link StartRequirements}
   * @throws IllegalArgumentException if the prompt was encoded for another model
   */
  EncodedStart encode(Start start, Progress progress);

  /** Encodes a start, see {@link #encode(Start, Progress)}. */
  default EncodedStart encode(Start start) {
    return encode(start, Progress.NONE);
  }

  /** Encodes a start of one image, see {@link #encode(Start, Progress)}. */
  default EncodedStart encode(RgbImage image) {
    return encode(Start.of(image, 0));
  }

  /**
   * Starts a world.
   *
   * @param start images are cropped and resized as the model wants them
   * @param progress receives the encoding of the start
   * @throws UnusableStartException as {@link #encode(Start, Progress)}
   * @throws IllegalArgumentException as {@link #encode(Start, Progress)}
   */
  default WorldSession start(Start start, Progress progress) {
    try (EncodedStart encoded = encode(start, progress)) {
      return encoded.start(start.seed());
    }
  }

  /** Starts a world, see {@link #start(Start, Progress)}. */
  default WorldSession start(Start start) {
    return start(start, Progress.NONE);
  }

  /** Starts a world from one image. */
  default WorldSession start(RgbImage image, long seed, Progress progress) {
    return start(Start.of(image, seed), progress);
  }

  /** Starts a world from one image. */
  default WorldSession start(RgbImage image, long seed) {
    return start(image, seed, Progress.NONE);
  }

  /**
   * Goes on where a saved session ended: the next chunk has the bytes that it would have had.
   * Nothing in the file is trusted; it is checked before memory is taken, and no more is taken than
   * for any session. If it was saved on another machine, whose results are rounded otherwise, a
   * warning is logged.
   *
   * @param file what {@link WorldSession#save} wrote
   * @throws dev.orrery.runtime.checkpoint.CheckpointException if it cannot be read, or is not a
   *     session of this model in this precision
   */
  WorldSession resume(Path file, Progress progress);

  /** Goes on where a saved session ended, see {@link #resume(Path, Progress)}. */
  default WorldSession resume(Path file) {
    return resume(file, Progress.NONE);
  }

  /** Releases the weights. Sessions must be closed before. */
  @Override
  void close();
}
