package dev.orrery.cli.plot;

import dev.orrery.runtime.media.RgbImage;
import java.awt.Color;
import java.awt.Graphics2D;
import java.awt.RenderingHints;
import java.awt.image.BufferedImage;
import java.awt.image.DataBufferInt;

/** Images of type {@link BufferedImage#TYPE_INT_RGB} to draw on. */
final class Canvas {
  private Canvas() {}

  /** Draws on a canvas, which is white then, with smooth edges. */
  static Graphics2D graphics(BufferedImage canvas) {
    Graphics2D g = canvas.createGraphics();
    g.setRenderingHint(RenderingHints.KEY_ANTIALIASING, RenderingHints.VALUE_ANTIALIAS_ON);
    g.setRenderingHint(RenderingHints.KEY_STROKE_CONTROL, RenderingHints.VALUE_STROKE_PURE);
    g.setColor(Color.WHITE);
    g.fillRect(0, 0, canvas.getWidth(), canvas.getHeight());
    return g;
  }

  /** A canvas with the pixels of an image. */
  static BufferedImage of(RgbImage image) {
    BufferedImage canvas =
        new BufferedImage(image.width(), image.height(), BufferedImage.TYPE_INT_RGB);
    int[] pixels = pixels(canvas);
    byte[] rgb = image.rgb();
    for (int i = 0; i < pixels.length; i++) {
      int red = rgb[3 * i] & 0xff;
      int green = rgb[3 * i + 1] & 0xff;
      int blue = rgb[3 * i + 2] & 0xff;
      pixels[i] = red << 16 | green << 8 | blue;
    }
    return canvas;
  }

  /** The pixels of a canvas. */
  static RgbImage image(BufferedImage canvas) {
    int[] pixels = pixels(canvas);
    byte[] rgb = new byte[3 * pixels.length];
    for (int i = 0; i < pixels.length; i++) {
      rgb[3 * i] = (byte) (pixels[i] >> 16);
      rgb[3 * i + 1] = (byte) (pixels[i] >> 8);
      rgb[3 * i + 2] = (byte) pixels[i];
    }
    return new RgbImage(canvas.getWidth(), canvas.getHeight(), rgb);
  }

  private static int[] pixels(BufferedImage canvas) {
    return ((DataBufferInt) canvas.getRaster().getDataBuffer()).getData();
  }
}
