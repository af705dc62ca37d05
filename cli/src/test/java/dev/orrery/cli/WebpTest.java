package dev.orrery.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.orrery.runtime.media.RgbImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The command line's class path has a reader for WebP. */
class WebpTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "UklGRhoAAABXRUJQVlA4TA0AAAAvAAAAEAcQERGIiP4HAA==",
        "UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA"
      })
  void losslessAndLossyFilesAreRead(String base64) throws IOException {
    Path file = folder.resolve("a.webp");
    Files.write(file, Base64.getDecoder().decode(base64));
    RgbImage image = RgbImage.read(file);
    assertEquals(1, image.width());
    assertEquals(1, image.height());
  }
}
