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
 *   <li>The last {@value #TEMPORAL_FRAMES}.
 *   <li>The beginning of the rollout, if the model always remembers one.
 *   <li>Of the chunks between those the one that saw most of what the new chunk will see. Only the
 *       first and the third frame of a chunk are looked at. Of chunks that are equally good it is
 *       the earliest.
 * </ul>
 *
 * <p>So while there are no more frames than {@link #longest}, all of them are remembered.
 *
 * <p>Source: {@code retrieval_context.py} of HY-WorldPlay, whose selection for the Wan transformer
 * ({@code select_mem_frames_wan}) has no beginning and whose other one has a beginning of a chunk.
 */
public final class MemoryRetrieval {
  /** Latent frames that are made together. */
  public static final int CHUNK_FRAMES = 4;

  /** The most recent latent frames, which are always remembered. */
  static final int TEMPORAL_FRAMES = 12;

  /**
   * Overlaps are quotients of fp32. Who saw so much less than is asked for is not as good for any
   * rounding.
   */
  private static final double ROUNDING = 1e-6;

  private final FieldOfViewOverlap overlap;
  private final int beginning;

  /**
   * A selection that estimates overlaps with some points.
   *
   * @param beginning latent frames at the beginning that are always remembered: a multiple of
   *     {@value #CHUNK_FRAMES}, or 0
   */
  public MemoryRetrieval(FieldOfViewOverlap overlap, int beginning) {
    if (beginning < 0 || beginning % CHUNK_FRAMES != 0) {
      throw new IllegalArgumentException(
          "beginning: expected a multiple of " + CHUNK_FRAMES + ", found " + beginning);
    }
    this.overlap = overlap;
    this.beginning = beginning;
  }

  /** The most latent frames that are ever remembered, for a beginning of so many. */
  public static int longest(int beginning) {
    return beginning + CHUNK_FRAMES + TEMPORAL_FRAMES;
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
    int firstCandidate = Math.min(beginning, firstRecent);
    List<Integer> memory = new ArrayList<>();
    IntStream.range(0, firstCandidate).forEach(memory::add);
    if (firstRecent > firstCandidate) {
      int chunk = mostSeen(path, firstFrame, firstCandidate, firstRecent);
      IntStream.range(chunk, chunk + CHUNK_FRAMES).forEach(memory::add);
    }
    IntStream.range(firstRecent, firstFrame).forEach(memory::add);
    return new ContextWindow(memory, firstFrame, CHUNK_FRAMES);
  }

  private int mostSeen(List<Camera> path, int firstFrame, int firstCandidate, int firstRecent) {
    List<RigidTransform> views = views(path, firstFrame);
    int best = firstCandidate;
    double smallest = Double.POSITIVE_INFINITY;
    // Young chunks are near mostly, so that the others are soon known to be farther away.
    for (int chunk = firstRecent - CHUNK_FRAMES; chunk >= firstCandidate; chunk -= CHUNK_FRAMES) {
      double distance = distance(views, path, chunk, smallest);
      if (distance <= smallest) {
        smallest = distance;
        best = chunk;
      }
    }
    return best;
  }

  /** Where the cameras of a chunk are, of which those in the path count: from the world to each. */
  static List<RigidTransform> views(List<Camera> path, int firstFrame) {
    return path.subList(firstFrame, Math.min(firstFrame + CHUNK_FRAMES, path.size())).stream()
        .map(Camera::cameraFromWorld)
        .toList();
  }

  /**
   * How much of the views of a new chunk an old chunk did not see: the mean over the new frames of
   * 1 - overlap with the old chunk's first and third frame.
   *
   * @param views from the world to the cameras of the new chunk
   * @param limit a distance above this may be returned too small, but stays above it
   * @return 0 if all was seen, 1 if nothing
   */
  double distance(List<RigidTransform> views, List<Camera> path, int chunk, double limit) {
    RigidTransform first = path.get(chunk).worldFromCamera();
    RigidTransform third = path.get(chunk + 2).worldFromCamera();
    int frames = views.size();
    double sum = 0;
    for (int i = 0; i < frames && sum / frames <= limit; i++) {
      RigidTransform currentFromWorld = views.get(i);
      double most = 2 * (limit * frames - sum) + ROUNDING;
      double unseen = 1 - overlap.of(currentFromWorld.times(first), most);
      unseen += 1 - overlap.of(currentFromWorld.times(third), most - unseen);
      sum += unseen / 2;
    }
    return sum / frames;
  }
}
