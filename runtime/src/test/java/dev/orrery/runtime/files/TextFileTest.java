package dev.orrery.runtime.files;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.JsonValue;
import java.io.IOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TextFileTest {
  @TempDir Path folder;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "a\nü",
        "a\nü\n",
        "a\r\nü",
        "a\r\nü\r\n",
        "a\rü",
        "a\rü\r",
        "\uFEFFa\nü",
        "\uFEFFa\r\nü\r\n"
      })
  void manyFormsAreOneText(String written) throws IOException {
    Path file = Files.writeString(folder.resolve("a.txt"), written);
    assertEquals("a\nü", TextFile.read(file, 100));
    assertEquals("a\nü", TextFile.normalize(written));
  }

  @Test
  void onlyOneMarkAndOneLineEndAreTakenAway() throws IOException {
    assertEquals("\uFEFFa\uFEFF\n", TextFile.normalize("\uFEFF\uFEFFa\uFEFF\n\n"));
    assertEquals("", TextFile.decode(new byte[0]));
    assertEquals("", TextFile.normalize("\uFEFF"));
    assertEquals("", TextFile.normalize("\r\n"));
    assertEquals("\n", TextFile.normalize("\r\n\r"));
  }

  @Test
  void nulIsRefusedWithItsPlace() {
    refused("expected a text, found a NUL byte at line 1, column 1", new byte[1]);
    byte[] third = "\uFEFFa\r\nb\rcd\0".getBytes(StandardCharsets.UTF_8);
    refused("expected a text, found a NUL byte at line 3, column 3", third);
    byte[] unmarked = "{}".getBytes(StandardCharsets.UTF_16LE);
    refused("expected a text, found a NUL byte at line 1, column 2", unmarked);
  }

  @Test
  void invalidUtf8IsRefusedWithItsPlace() {
    byte[] latin1 = "ab\nc\u00FC".getBytes(StandardCharsets.ISO_8859_1);
    refused("expected a text in UTF-8, found other bytes at line 2, column 2", latin1);
    byte[] cut = {'a', (byte) 0xE2, (byte) 0x82};
    refused("expected a text in UTF-8, found other bytes at line 1, column 2", cut);
    byte[] surrogate = {(byte) 0xED, (byte) 0xA0, (byte) 0x80};
    refused("expected a text in UTF-8, found other bytes at line 1, column 1", surrogate);
  }

  @ParameterizedTest
  @CsvSource({"UTF-16LE, UTF-16", "UTF-16BE, UTF-16", "UTF-32LE, UTF-32", "UTF-32BE, UTF-32"})
  void otherEncodingsAreNamed(String charset, String name) {
    byte[] bytes = "\uFEFFw*12\n".getBytes(Charset.forName(charset));
    refused("expected a text in UTF-8, found one in " + name, bytes);
    byte[] empty = "\uFEFF".getBytes(Charset.forName(charset));
    refused("expected a text in UTF-8, found one in " + name, empty);
  }

  @Test
  void longFilesAreRefused() throws IOException {
    Path file = Files.writeString(folder.resolve("a.txt"), "abcdef");
    assertEquals(
        "too long, expected at most 5 bytes of text, found 6",
        assertThrows(NotTextException.class, () -> TextFile.read(file, 5)).getMessage());
  }

  /** Configurations, indexes and cameras are JSON files, and texts like all others. */
  @Test
  void jsonFilesAreTexts() throws IOException {
    Path file = folder.resolve("config.json");
    Files.writeString(file, "\uFEFF{\r\n\"dim\": 3}\r");
    assertEquals(3, JsonValue.read(file).integer("dim"));
    Files.write(file, "\uFEFF{}".getBytes(StandardCharsets.UTF_16LE));
    jsonRefused(file, "expected a text in UTF-8, found one in UTF-16");
    Files.writeString(file, "{}\0");
    jsonRefused(file, "expected a text, found a NUL byte at line 1, column 3");
    Files.writeString(file, "\uFEFF\uFEFF{}");
    CheckpointException twice = assertThrows(CheckpointException.class, () -> JsonValue.read(file));
    assertTrue(twice.getMessage().contains("invalid JSON"), twice.getMessage());
  }

  private static void jsonRefused(Path file, String message) {
    assertEquals(
        file + ": " + message,
        assertThrows(CheckpointException.class, () -> JsonValue.read(file)).getMessage());
  }

  private static void refused(String message, byte[] bytes) {
    assertEquals(
        message, assertThrows(NotTextException.class, () -> TextFile.decode(bytes)).getMessage());
  }
}
