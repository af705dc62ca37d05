package dev.orrery.model.session;

import dev.orrery.runtime.media.RgbImage;

/**
 * Loaded weights of a world model. Immutable: any number of sessions may share it, each on a thread
 * of its own.
 */
public interface WorldModel extends AutoCloseable {
  /** One line that says what this is: family, variant, size of the images. */
  String description();

  /** Columns of a video frame. */
  int width();

  /** Rows of a video frame. */
  int height();

  /** Video frames in a second, as the family's own videos have them. */
  int framesPerSecond();

  /** The keys this model answers to. */
  Controls controls();

  /** Video frames that chunk {@code chunk} (from 0) has. */
  int framesOfChunk(int chunk);

  /**
   * Starts a world from an image of any size.
   *
   * @param image the image, cropped and resized as the model wants it
   * @param seed the same seed, image and actions give the same bytes
   * @param progress told about the encoding of the image
   */
  WorldSession start(RgbImage image, long seed, Progress progress);

  /** Releases the weights. Sessions must be closed before. */
  @Override
  void close();
}
