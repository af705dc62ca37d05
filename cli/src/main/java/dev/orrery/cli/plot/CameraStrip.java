package dev.orrery.cli.plot;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.image.ResizeFilter;
import dev.orrery.model.camera.CameraPath;
import dev.orrery.model.session.ImageResizer;
import dev.orrery.runtime.files.PendingOutput;
import dev.orrery.runtime.media.RgbImage;
import java.awt.Graphics2D;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;

/**
 * An image that shows whether a world came back when the camera did: frames of a rollout in the
 * order of time, line by line, and beside them the camera's path from above, with a dot where each
 * of them was seen. A frame and its dot have the same colour and number, that of the latent frame.
 */
public final class CameraStrip {
  /** Most frames that one image shows. */
  public static final int MAX_FRAMES = 64;

  private static final int FRAME_WIDTH = 320;
  private static final int FRAME_HEIGHT = 240;
  private static final int BORDER = 4;
  private static final int GAP = 16;
  private static final int MIN_PLOT = 560;
  private static final int MAX_PLOT = 960;

  /** The way has many short pieces, whose smooth edges add up where they meet. */
  private static final int OVERSAMPLING = 3;

  private CameraStrip() {}

  /**
   * Frames to show, evenly over a path from its first to its last one.
   *
   * @param latentFrames of the path
   * @param count how many, or all if there are fewer
   */
  public static int[] evenly(int latentFrames, int count) {
    int[] frames = new int[Math.min(latentFrames, count)];
    for (int i = 1; i < frames.length; i++) {
      frames[i] = Math.round((float) i * (latentFrames - 1) / (frames.length - 1));
    }
    return frames;
  }

  /**
   * Draws a strip. Frames are scaled to fit into 320 x 240 pixels.
   *
   * @param path of the whole rollout
   * @param shown 1 to {@value #MAX_FRAMES} frames of it in the order of time, of one size
   * @throws IllegalArgumentException if they are not
   */
  public static RgbImage draw(CameraPath path, List<Shown> shown) {
    check(path, shown);
    try (Backend backend = CpuBackend.reference(1)) {
      return strip(path, shown, thumbnails(shown, backend), backend);
    }
  }

  /**
   * Draws a strip into a PNG file. A file of that name is replaced, by the complete new one only.
   *
   * @throws IOException with one line for the user, if it cannot be written
   * @throws IllegalArgumentException as {@link #draw}
   */
  public static void write(CameraPath path, List<Shown> shown, Path file) throws IOException {
    RgbImage strip = draw(path, shown);
    PendingOutput.write(file, strip::writePng);
  }

  private static void check(CameraPath path, List<Shown> shown) {
    if (shown.isEmpty() || shown.size() > MAX_FRAMES) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "camera strip: expected 1 to %d frames, found %d",
              MAX_FRAMES,
              shown.size()));
    }
    RgbImage first = shown.getFirst().image();
    int previous = -1;
    for (Shown next : shown) {
      if (next.latentFrame() <= previous || next.latentFrame() >= path.frames()) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "camera strip: expected a latent frame from %d to %d, found %d",
                previous + 1,
                path.frames() - 1,
                next.latentFrame()));
      }
      previous = next.latentFrame();
      RgbImage image = next.image();
      if (image.width() != first.width() || image.height() != first.height()) {
        throw new IllegalArgumentException(
            String.format(
                Locale.ROOT,
                "camera strip: expected frames of %dx%d pixels, found %dx%d",
                first.width(),
                first.height(),
                image.width(),
                image.height()));
      }
    }
  }

  private static RgbImage strip(
      CameraPath path, List<Shown> shown, List<RgbImage> images, Backend backend) {
    int cellWidth = images.getFirst().width() + 2 * BORDER;
    int cellHeight = images.getFirst().height() + 2 * BORDER;
    int columns = (int) Math.ceil(Math.sqrt(shown.size()));
    int rows = Math.ceilDiv(shown.size(), columns);
    int framesWidth = columns * (cellWidth + GAP) - GAP;
    int framesHeight = rows * (cellHeight + GAP) - GAP;
    int plotSide = Math.clamp(framesHeight, MIN_PLOT, MAX_PLOT);
    int height = Math.max(framesHeight, plotSide);
    BufferedImage canvas =
        new BufferedImage(
            framesWidth + plotSide + 3 * GAP, height + 2 * GAP, BufferedImage.TYPE_INT_RGB);
    Graphics2D g = Canvas.graphics(canvas);
    int top = GAP + (height - framesHeight) / 2;
    for (int i = 0; i < shown.size(); i++) {
      int x = GAP + i % columns * (cellWidth + GAP);
      int y = top + i / columns * (cellHeight + GAP);
      int frame = shown.get(i).latentFrame();
      drawFrame(g, x, y, images.get(i), new Badge(frame, TimeColors.at(frame, path.frames())));
    }
    RgbImage plot = plot(path, shown, plotSide, backend);
    g.drawImage(Canvas.of(plot), framesWidth + 2 * GAP, GAP + (height - plotSide) / 2, null);
    g.dispose();
    return Canvas.image(canvas);
  }

  private static RgbImage plot(CameraPath path, List<Shown> shown, int side, Backend backend) {
    BufferedImage large =
        new BufferedImage(OVERSAMPLING * side, OVERSAMPLING * side, BufferedImage.TYPE_INT_RGB);
    Graphics2D g = Canvas.graphics(large);
    g.scale(OVERSAMPLING, OVERSAMPLING);
    int[] frames = shown.stream().mapToInt(Shown::latentFrame).toArray();
    new PathPlot(path, side).draw(g, frames);
    g.dispose();
    return ImageResizer.resize(Canvas.image(large), side, side, ResizeFilter.BILINEAR, backend);
  }

  private static List<RgbImage> thumbnails(List<Shown> shown, Backend backend) {
    RgbImage first = shown.getFirst().image();
    double scale =
        Math.min((double) FRAME_WIDTH / first.width(), (double) FRAME_HEIGHT / first.height());
    int width = (int) Math.max(1, Math.round(scale * first.width()));
    int height = (int) Math.max(1, Math.round(scale * first.height()));
    return shown.stream()
        .map(
            frame ->
                ImageResizer.resize(frame.image(), height, width, ResizeFilter.LANCZOS, backend))
        .toList();
  }

  private static void drawFrame(Graphics2D g, int x, int y, RgbImage image, Badge badge) {
    g.setColor(badge.color());
    g.fillRect(x, y, image.width() + 2 * BORDER, image.height() + 2 * BORDER);
    g.drawImage(Canvas.of(image), x + BORDER, y + BORDER, null);
    double inset = BORDER + 6;
    badge.draw(g, x + inset + badge.width() / 2, y + inset + Badge.HEIGHT / 2);
  }
}
