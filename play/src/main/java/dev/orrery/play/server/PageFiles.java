package dev.orrery.play.server;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The files of the page, out of the jar. */
final class PageFiles {
  /**
   * Names that a file of the page may have. As nothing else is looked for, there is no way to
   * anything else: no dots in a row, no encoded letters.
   */
  private static final Pattern NAME =
      Pattern.compile("/((?:[a-z0-9-]+/)*[a-z0-9-]+\\.(html|css|js|svg|png|webmanifest))");

  private static final Map<String, String> TYPES =
      Map.of(
          "html", "text/html; charset=utf-8",
          "css", "text/css; charset=utf-8",
          "js", "text/javascript; charset=utf-8",
          "svg", "image/svg+xml",
          "png", "image/png",
          "webmanifest", "application/manifest+json");

  private static final String FOLDER = "/dev/orrery/play/page/";

  private PageFiles() {}

  /**
   * A file.
   *
   * @param type its media type
   */
  record PageFile(String type, byte[] content) {}

  /**
   * The file of a path; empty if there is none.
   *
   * @param path as it stands in the request, not decoded
   */
  static Optional<PageFile> of(String path) {
    Matcher name = NAME.matcher(path.equals("/") ? "/index.html" : path);
    if (!name.matches()) {
      return Optional.empty();
    }
    try (InputStream in = PageFiles.class.getResourceAsStream(FOLDER + name.group(1))) {
      return in == null
          ? Optional.empty()
          : Optional.of(new PageFile(TYPES.get(name.group(2)), in.readAllBytes()));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
