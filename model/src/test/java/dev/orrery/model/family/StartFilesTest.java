package dev.orrery.model.family;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.model.session.Start;
import dev.orrery.model.session.StartRequirements;
import dev.orrery.model.session.UnusableStartException;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.media.RgbImage;
import dev.orrery.runtime.media.UnreadableImageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StartFilesTest {
  private static final StartRequirements SEVERAL = StartRequirements.of(8, 4).withImages(1, 32);
  private static final StartRequirements TOKENS =
      SEVERAL.withTokens(new StartRequirements.Tokens(1, 1, 2, 2, 4));

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "1.png 2.png 3.png",
    "0.png 1.png 2.png",
    "frame-000009.png frame-000010.png frame-000011.png",
    "9.png 10.png 11.png",
    "v2 08.PNG|v2 09.PNG|v2 10.PNG",
    "a1-7.png a1-8.png",
  })
  void aFolderIsInTheOrderOfItsNumbers(String names) throws IOException {
    List<String> expected = List.of(names.split(names.contains("|") ? "\\|" : " "));
    for (String name : expected.reversed()) {
      write(name);
    }
    write("notes.txt");
    Files.createDirectory(folder.resolve("more"));
    List<Path> found = StartFiles.ofImages(List.of(folder)).images();
    assertEquals(expected, found.stream().map(file -> file.getFileName().toString()).toList());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "notes.txt|expected numbered PNG files, found none",
        "1.png start.png|expected numbered PNG files, found start.png",
        "1.png 12345678901234567890.png|expected names that differ in their number alone, found 1.png"
            + " and 12345678901234567890.png",
        "a1.png b2.png|expected names that differ in their number alone, found a1.png and b2.png",
        "01.png 1.png|expected each number once, found 01.png and 1.png",
        "1.png 2.png 4.png|expected number 3 after 2.png, found 4.png",
      })
  void otherFoldersAreRefused(String names, String expected) throws IOException {
    for (String name : names.split(" ")) {
      write(name);
    }
    assertEquals(
        folder + ": " + expected,
        assertThrows(UnusableStartException.class, () -> StartFiles.ofImages(List.of(folder)))
            .getMessage());
  }

  @Test
  void argumentsKeepTheirOrder() throws IOException {
    Path single = write("last/z.png");
    Path first = write("row/1.png");
    Path second = write("row/2.png");
    assertEquals(
        List.of(single, first, second),
        StartFiles.ofImages(List.of(single, folder.resolve("row"))).images());
  }

  @Test
  void tooManyAreRefusedBeforeTheyAreRead() throws IOException {
    List<Path> none = Collections.nCopies(33, folder.resolve("none.png"));
    assertEquals(
        "start: expected 1 to 32 images, found 33",
        assertThrows(UnusableStartException.class, () -> StartFiles.ofImages(none).read(SEVERAL, 1))
            .getMessage());
    assertThrows(UnusableStartException.class, () -> StartFiles.none().read(SEVERAL, 1));
    assertThrows(
        UnreadableImageException.class,
        () -> StartFiles.ofImages(none.subList(0, 1)).read(SEVERAL, 1));
  }

  @Test
  void whatLiesInTheFolderIsFound() throws IOException {
    assertEquals(Optional.empty(), StartFiles.stored(folder, TOKENS));
    Path tokens = Files.writeString(folder.resolve("start.safetensors"), "");
    assertEquals(Optional.of(StartFiles.ofTokens(tokens)), StartFiles.stored(folder, TOKENS));
    assertEquals(Optional.empty(), StartFiles.stored(folder, SEVERAL));
    Path first = write("start/1.png");
    Path second = write("start/2.png");
    assertEquals(List.of(first, second), StartFiles.stored(folder, TOKENS).get().images());
    Path one = write("start.png");
    assertEquals(List.of(one), StartFiles.stored(folder, TOKENS).get().images());
    assertEquals(Optional.empty(), StartFiles.stored(folder, StartRequirements.of(8, 4)));
    assertEquals("start.png or start/ or start.safetensors", StartFiles.storedNames(TOKENS));
    assertEquals("start.png", StartFiles.storedNames(StartRequirements.of(8, 4).withImages(0, 1)));
  }

  @Test
  void readsImagesInTheirOrder() throws IOException {
    Path row = Files.createDirectory(folder.resolve("row"));
    for (int i = 9; i < 12; i++) {
      byte[] rgb = new byte[3 * 8 * 4];
      rgb[0] = (byte) i;
      new RgbImage(8, 4, rgb).writePng(row.resolve(i + ".png"));
    }
    Start start = StartFiles.ofImages(List.of(row)).read(SEVERAL, 5);
    assertEquals(5, start.seed());
    assertEquals(
        List.of(9, 10, 11), start.images().stream().map(image -> (int) image.rgb()[0]).toList());
  }

  @Test
  void tokensAreForModelsThatTakeThem() throws IOException {
    Path tokens = Files.writeString(folder.resolve("start.safetensors"), "no tensors");
    assertEquals(
        "start: expected no tokens, found some",
        assertThrows(
                UnusableStartException.class, () -> StartFiles.ofTokens(tokens).read(SEVERAL, 1))
            .getMessage());
    CheckpointException broken =
        assertThrows(CheckpointException.class, () -> StartFiles.ofTokens(tokens).read(TOKENS, 1));
    assertTrue(broken.getMessage().startsWith(tokens + ": "), broken.getMessage());
  }

  private Path write(String name) throws IOException {
    Path file = folder.resolve(name);
    Files.createDirectories(file.getParent());
    return Files.writeString(file, "");
  }
}
