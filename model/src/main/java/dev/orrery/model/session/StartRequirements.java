package dev.orrery.model.session;

import dev.orrery.runtime.media.RgbImage;
import java.util.Locale;
import java.util.Optional;

/**
 * What a model needs to start a world.
 *
 * <pre>{@code
 * StartRequirements.of(1280, 704).withImages(0, 1).withPrompt();
 * }</pre>
 *
 * @param width columns of a video frame
 * @param height rows of a video frame
 * @param images how many images, and what becomes of them
 * @param takesPrompt whether the world is described by a prompt, too; a model's folder may hold an
 *     encoded one that is taken when a start has none
 * @param tokens which token ids the model takes in place of images, if it takes any
 */
public record StartRequirements(
    int width, int height, Images images, boolean takesPrompt, Optional<Tokens> tokens) {
  /**
   * Of an image that is cropped, the largest part that has the shape of the video is used. What is
   * left of a panorama of 8:1 or of a phone held upright passes; less of a picture says nothing of
   * it.
   */
  private static final int LEAST_SHARE = 10;

  /** An icon of 32 pixels passes for a video of 1024; fewer pixels are no picture. */
  private static final int MOST_GROWTH = 32;

  /**
   * The images that a model starts from.
   *
   * @param least fewest of them
   * @param most most of them
   * @param stretched whether the whole of an image is brought into the shape of the video;
   *     otherwise it is cropped
   */
  public record Images(int least, int most, boolean stretched) {
    /** Checks that the range has something in it. */
    public Images {
      checkRange("images", least, most);
    }
  }

  /**
   * The token ids that a model starts from in place of images.
   *
   * @param leastFrames fewest frames
   * @param mostFrames most frames
   * @param rows of tokens in a frame
   * @param columns of tokens in a frame
   * @param vocabulary ids are below this
   */
  public record Tokens(int leastFrames, int mostFrames, int rows, int columns, int vocabulary) {
    /** Checks that the range has something in it. */
    public Tokens {
      checkRange("frames", leastFrames, mostFrames);
    }

    /**
     * Requires that tokens are those of the model.
     *
     * @throws UnusableStartException if not
     */
    void check(TokenFrames tokens) {
      check(tokens.frames(), tokens.rows(), tokens.columns());
      for (int i = 0; i < tokens.ids().length; i++) {
        check(tokens.ids()[i], i);
      }
    }

    /** Requires as many frames of as many tokens as the model takes. */
    void check(long frames, long foundRows, long foundColumns) {
      if (frames < leastFrames
          || frames > mostFrames
          || foundRows != rows
          || foundColumns != columns) {
        throw new UnusableStartException(
            String.format(
                Locale.ROOT,
                "tokens: expected %s frames of %dx%d ids, found %d of %dx%d",
                range(leastFrames, mostFrames),
                rows,
                columns,
                frames,
                foundRows,
                foundColumns));
      }
    }

    /**
     * Requires that an id is one of the vocabulary.
     *
     * @param index where it stands among all
     */
    void check(long id, int index) {
      if (id < 0 || id >= vocabulary) {
        throw new UnusableStartException(
            String.format(
                Locale.ROOT,
                "tokens: expected ids of 0 to %d, found %d in frame %d, row %d, column %d",
                vocabulary - 1,
                id,
                index / (rows * columns),
                index / columns % rows,
                index % columns));
      }
    }
  }

  /**
   * A start from nothing at all; what the model takes is added to it.
   *
   * @param width columns of a video frame
   * @param height rows of a video frame
   */
  public static StartRequirements of(int width, int height) {
    return new StartRequirements(width, height, new Images(0, 0, false), false, Optional.empty());
  }

  /** Besides, some images, which are cropped to the shape of the video. */
  public StartRequirements withImages(int least, int most) {
    return with(new Images(least, most, false));
  }

  /** Besides, some images, which are stretched to the shape of the video. */
  public StartRequirements withStretchedImages(int least, int most) {
    return with(new Images(least, most, true));
  }

  private StartRequirements with(Images wanted) {
    return new StartRequirements(width, height, wanted, takesPrompt, tokens);
  }

  /** Besides, a prompt. */
  public StartRequirements withPrompt() {
    return new StartRequirements(width, height, images, true, tokens);
  }

  /** Besides, token ids in place of the images if one likes. */
  public StartRequirements withTokens(Tokens wanted) {
    return new StartRequirements(width, height, images, takesPrompt, Optional.of(wanted));
  }

  /**
   * Requires that a start fits.
   *
   * @throws UnusableStartException saying what was expected and found, if it has too few or too
   *     many images, an image that cannot be used, tokens of another model or a prompt too many
   */
  public void check(Start start) {
    if (!takesPrompt && start.prompt().isPresent()) {
      throw new UnusableStartException("start: expected no prompt, found one");
    }
    if (start.tokens().isEmpty()) {
      checkImages(start.images().size());
      start.images().forEach(this::check);
      return;
    }
    if (!start.images().isEmpty()) {
      throw new UnusableStartException("start: expected images or tokens, found both");
    }
    tokens
        .orElseThrow(() -> new UnusableStartException("start: expected no tokens, found some"))
        .check(start.tokens().get());
  }

  /**
   * Requires a number of images that the model takes.
   *
   * @throws UnusableStartException if they are too few or too many
   */
  public void checkImages(int count) {
    if (count < images.least() || count > images.most()) {
      throw new UnusableStartException(
          String.format(
              Locale.ROOT,
              "start: expected %s%s%s, found %d",
              images.most() == 0 ? "no" : range(images.least(), images.most()),
              images.most() == 1 ? " image" : " images",
              tokens.isPresent() ? " or tokens" : "",
              count));
    }
  }

  /**
   * Requires that an image can be brought into the frames of the video.
   *
   * @throws UnusableStartException if it would have to grow to more than 32 times its width; or if
   *     it is to be cropped, and less than a tenth of it has the shape of the video
   */
  public void check(RgbImage image) {
    double across = (double) width / image.width();
    double down = (double) height / image.height();
    double growth = Math.max(across, down);
    if (!images.stretched() && growth > LEAST_SHARE * Math.min(across, down)) {
      throw refusal(image, "too far from the shape of", "; cut out the part to start from");
    }
    if (growth > MOST_GROWTH) {
      throw refusal(image, "too few for a video of", "");
    }
  }

  private UnusableStartException refusal(RgbImage image, String reason, String remedy) {
    return new UnusableStartException(
        String.format(
            Locale.ROOT,
            "start image: %dx%d pixels are %s %dx%d%s",
            image.width(),
            image.height(),
            reason,
            width,
            height,
            remedy));
  }

  private static void checkRange(String what, int least, int most) {
    if (least < 0 || most < least) {
      throw new IllegalArgumentException(
          what + ": expected a range, found " + least + " to " + most);
    }
  }

  private static String range(int least, int most) {
    return least == most ? Integer.toString(least) : least + " to " + most;
  }
}
