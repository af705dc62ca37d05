package dev.orrery.runtime.media;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files that are not read are called by their names, whatever the file is called. */
class ImageKindTest {
  private static final String OTHERS = "PNG, JPEG, WebP, GIF and BMP are read";

  @TempDir Path folder;

  @ParameterizedTest
  @CsvSource({
    "an HEIC image,                0000001c66747970 68656963 00000000 6d696631",
    "an HEIC image,                0000001c66747970 68657663 00000000",
    "an AVIF image,               0000002066747970 61766966 00000000 61766966",
    "a JPEG XL image,             ff0a7f3180",
    "a JPEG XL image,             0000000c4a584c20 0d0a870a",
    "a JPEG 2000 image,           0000000c6a502020 0d0a870a",
    "a TIFF image,                49492a0008000000",
    "a TIFF image,                4d4d002a00000008",
    "a Photoshop document (PSD),  3842505300010000",
    "a PDF document,              255044462d312e37",
    "a QOI image,                 716f696600000040",
    "an icon (ICO),               0000010001002020",
    "'a Netpbm image (PPM, PGM, PBM, PFM)', 50360a3634203634",
  })
  void imagesAreNamed(String name, String bytes) throws IOException {
    assertMessage(
        HexFormat.of().parseHex(bytes.replace(" ", "")),
        name + ", which is not read; convert it to PNG or JPEG");
  }

  @ParameterizedTest
  @CsvSource({
    "an MP4 video,            000000206674797069736f6d00000200",
    "an MP4 video,            00000018667479706d70343200000000",
    "a QuickTime video,       00000014667479707174202000000000",
    "a WebM or Matroska video, 1a45dfa39f428681",
    "an AVI video,            524946460010000041564920",
    "an Ogg video,            4f67675300020000",
  })
  void videosAreNamed(String name, String bytes) throws IOException {
    assertMessage(
        HexFormat.of().parseHex(bytes),
        name
            + ", which is not read; take one picture out of it, for instance by:"
            + " ffmpeg -i FILE -frames:v 1 start.png");
  }

  @Test
  void textsAreNamed() throws IOException {
    String svg = "an SVG drawing, which is not read; convert it to PNG or JPEG";
    String page = "a web page (HTML), not an image; download the image itself";
    assertMessage("<svg xmlns='http://www.w3.org/2000/svg'/>", svg);
    assertMessage("\uFEFF<?xml version=\"1.0\"?>\n<!-- A drawing -->\n<svg width='3'/>", svg);
    assertMessage("<!DOCTYPE html><html><body><svg/></body></html>", page);
    assertMessage("\n<html lang=de>", page);
    assertMessage("{\"error\": \"not found\"}", "a JSON file, not an image; " + OTHERS);
    assertMessage("Grüße", "a text file, not an image; " + OTHERS);
    assertMessage(
        "version https://git-lfs.github.com/spec/v1\noid sha256:1\n",
        "a Git LFS pointer, which is not read; get the file itself by: git lfs pull");
  }

  @Test
  void othersAreDescribed() throws IOException {
    assertMessage(new byte[0], "the file is empty");
    assertMessage(new byte[] {0x50, 0x4B, 3, 4, 0}, "a ZIP archive, which is not read; unpack it");
    assertMessage(
        new byte[] {0x7F, 'E', 'L', 'F', 2, 1, 1, 0, 0, 0},
        "not an image of a known format (it begins with the bytes 7f 45 4c 46 02 01 01 00); "
            + OTHERS);
  }

  private void assertMessage(String text, String expected) throws IOException {
    assertMessage(text.getBytes(StandardCharsets.UTF_8), expected);
  }

  private void assertMessage(byte[] bytes, String expected) throws IOException {
    Path file = Files.write(folder.resolve("start.png"), bytes);
    UnreadableImageException refusal =
        assertThrows(UnreadableImageException.class, () -> RgbImage.read(file));
    assertEquals(file + ": " + expected, refusal.getMessage());
  }
}
