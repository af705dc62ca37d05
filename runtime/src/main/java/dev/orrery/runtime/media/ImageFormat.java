package dev.orrery.runtime.media;

/** The formats of image files that are read. */
enum ImageFormat {
  PNG("a PNG image"),
  JPEG("a JPEG image"),
  GIF("a GIF image"),
  BMP("a BMP image"),
  WEBP("a WebP image");

  private final String title;

  ImageFormat(String title) {
    this.title = title;
  }

  /** What a file of this format is called. */
  String title() {
    return title;
  }
}
