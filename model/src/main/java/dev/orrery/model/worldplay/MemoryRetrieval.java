package dev.orrery.model.worldplay;

import dev.orrery.model.camera.Camera;
import dev.orrery.model.camera.CameraPath;
import dev.orrery.model.camera.RigidTransform;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * Reconstituted context memory: which earlier latent frames the transformer sees while it makes the
 * next chunk of {@value #CHUNK_FRAMES}.
 *
 * <ul>
 *   <li>While there are at most {@value #TEMPORAL_FRAMES} earlier frames, all of them.
 *   <li>Later the last {@value #TEMPORAL_FRAMES}, and of the chunks before those the one that saw
 *       most of what the new chunk will see. Only the first and the third frame of a chunk are
 *       looked at. Of chunks that are equally good it is the earliest.
 * </ul>
 *
 * <p>Source: {@code select_mem_frames_wan} in {@code retrieval_context.py} of HY-WorldPlay.
 */
public final class MemoryRetrieval {
  /** Latent frames that are made together. */
  public static final int CHUNK_FRAMES = 4;

  /** The most recent latent frames, which are always remembered. */
  static final int TEMPORAL_FRAMES = 12;

  private final FieldOfViewOverlap overlap;

  /** A selection that estimates overlaps with some points. */
  public MemoryRetrieval(FieldOfViewOverlap overlap) {
    this.overlap = overlap;
  }

  /** As {@link #select(List, int)}. */
  public ContextWindow select(CameraPath path, int firstFrame) {
    return select(path.cameras(), firstFrame);
  }

  /**
   * Selects the memory of a chunk.
   *
   * @param path cameras of the rollout at least up to the chunk; of a chunk that goes beyond its
   *     end, the frames in it count
   * @param firstFrame the chunk's first latent frame: a multiple of {@value #CHUNK_FRAMES}
   * @throws IllegalArgumentException if firstFrame is not that, or not within the path
   */
  public ContextWindow select(List<Camera> path, int firstFrame) {
    if (firstFrame < 0 || firstFrame % CHUNK_FRAMES != 0 || firstFrame >= path.size()) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "firstFrame: expected a multiple of %d below %d, found %d",
              CHUNK_FRAMES,
              path.size(),
              firstFrame));
    }
    int firstRecent = Math.max(0, firstFrame - TEMPORAL_FRAMES);
    List<Integer> memory = new ArrayList<>();
    if (firstRecent > 0) {
      int chunk = mostSeen(path, firstFrame, firstRecent);
      IntStream.range(chunk, chunk + CHUNK_FRAMES).forEach(memory::add);
    }
    IntStream.range(firstRecent, firstFrame).forEach(memory::add);
    return new ContextWindow(memory, firstFrame, CHUNK_FRAMES);
  }

  private int mostSeen(List<Camera> path, int firstFrame, int firstRecent) {
    int best = 0;
    double smallest = Double.POSITIVE_INFINITY;
    // Young chunks are near mostly, so that the others are soon known to be farther away.
    for (int chunk = firstRecent - CHUNK_FRAMES; chunk >= 0; chunk -= CHUNK_FRAMES) {
      double distance = distance(path, firstFrame, chunk, smallest);
      if (distance <= smallest) {
        smallest = distance;
        best = chunk;
      }
    }
    return best;
  }

  /**
   * How much of the views of a new chunk an old chunk did not see: the mean over the new frames of
   * 1 - overlap with the old chunk's first and third frame.
   *
   * @param limit a distance above this may be returned too small, but stays above it
   * @return 0 if all was seen, 1 if nothing
   */
  double distance(List<Camera> path, int firstFrame, int chunk, double limit) {
    RigidTransform first = path.get(chunk).worldFromCamera();
    RigidTransform third = path.get(chunk + 2).worldFromCamera();
    int end = Math.min(firstFrame + CHUNK_FRAMES, path.size());
    int frames = end - firstFrame;
    double sum = 0;
    for (int frame = firstFrame; frame < end && sum / frames <= limit; frame++) {
      RigidTransform currentFromWorld = path.get(frame).cameraFromWorld();
      double unseen = 1 - overlap.of(currentFromWorld.times(first));
      unseen += 1 - overlap.of(currentFromWorld.times(third));
      sum += unseen / 2;
    }
    return sum / frames;
  }
}
