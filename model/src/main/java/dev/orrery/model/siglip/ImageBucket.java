package dev.orrery.model.siglip;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;

/**
 * A size that images are brought to before the encoder squashes them to its square: of some sizes
 * with about as many pixels and sides of whole patches of 16, the one of the nearest aspect. It
 * decides which edges of a picture are cut away.
 *
 * <p>Source: HunyuanVideo-1.5, {@code generate_crop_size_list} and {@code get_closest_ratio}.
 *
 * @param height rows
 * @param width columns
 */
public record ImageBucket(int height, int width) {
  /** Side of the square among the sizes for videos of 480 rows. */
  private static final int BASE = 640;

  private static final int STRIDE = 16;
  private static final double MOST_ASPECT = 4;
  private static final int DECIMALS = 5;

  private static final List<ImageBucket> ALL = list();

  /** All sizes, the highest first, which is taken where two are as near. */
  static List<ImageBucket> all() {
    return ALL;
  }

  /** The one whose aspect, rounded to five decimals, is nearest to that of an image. */
  public static ImageBucket of(int height, int width) {
    double aspect = (double) height / width;
    ImageBucket nearest = null;
    double least = Double.POSITIVE_INFINITY;
    for (ImageBucket bucket : ALL) {
      double distance = Math.abs(bucket.aspect() - aspect);
      if (distance < least) {
        least = distance;
        nearest = bucket;
      }
    }
    return nearest;
  }

  private double aspect() {
    return new BigDecimal((double) height / width)
        .setScale(DECIMALS, RoundingMode.HALF_EVEN)
        .doubleValue();
  }

  private static List<ImageBucket> list() {
    List<ImageBucket> buckets = new ArrayList<>();
    int most = (BASE / STRIDE) * (BASE / STRIDE);
    int down = most;
    int across = 1;
    // As long as a side has patches: wider while they fit, else less high.
    while (down > 0) {
      if (Math.max(across, down) <= MOST_ASPECT * Math.min(across, down)) {
        buckets.add(new ImageBucket(down * STRIDE, across * STRIDE));
      }
      if ((across + 1) * down <= most) {
        across++;
      } else {
        down--;
      }
    }
    return List.copyOf(buckets);
  }
}
