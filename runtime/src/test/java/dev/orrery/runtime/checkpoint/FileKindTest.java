package dev.orrery.runtime.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class FileKindTest {
  private static final String POINTER =
      "version https://git-lfs.github.com/spec/v1\noid sha256:" + "0".repeat(64) + "\nsize 1234\n";

  @TempDir Path folder;

  static Stream<Arguments> notSafetensors() throws IOException {
    return Stream.of(
        of(POINTER, "a Git LFS pointer; run git lfs pull in its folder"),
        of(POINTER.replace("\n", "\r\n"), "a Git LFS pointer; "),
        of("\ufeff" + POINTER, "a Git LFS pointer; "),
        of(POINTER.getBytes(StandardCharsets.UTF_16), "a Git LFS pointer; "),
        of(
            "<!DOCTYPE html><html><body>Sign in to continue</body></html>",
            "an HTML page; download it again, with a token"),
        of("\r\n <!doctype HTML>\n<title>é</title>" + "x".repeat(5000), "an HTML page; "),
        of("<html lang=en>", "an HTML page; "),
        of(
            "<?xml version=\"1.0\"?>\n<Error><Code>AccessDenied</Code></Error>",
            "an XML text: <?xml version=\"1.0\"?> <Error><Code>AccessDenied</Code></Error>; down"),
        of(
            "{\"error\":\"Repository not found\"}",
            "the error of a server: {\"error\":\"Repository not found\"}; download it again"),
        of("{ \"detail\" : \"Unauthorized\"}\n", "the error of a server: "),
        of("{\"model_type\":\"umt5\"}", "a JSON text; "),
        of(
            "Entry not found",
            "the text \"Entry not found\"; if it is a download, download it again"),
        of(
            "Access to model x is restricted.\nYou must be authenticated to access it. "
                + "y".repeat(100),
            "the text \"Access to model x is restricted. You must be authenticated to access it. yyy"),
        of(new byte[0], "an empty file; download it again"),
        of(new byte[5000], "nothing but zeros, as of a download that was cut off; "),
        of(gzip("{}"), "a gzip file; unpack it with gunzip"),
        of(hex("fd377a585a000004e6d6b446"), "an xz file; unpack it with unxz"),
        of(hex("28b52ffd2004210000"), "a zstd file; unpack it with unzstd"),
        of(hex("425a683931415926"), "a bzip2 file; unpack it with bunzip2"),
        of(tar(), "a tar file; unpack it with tar xf"),
        of(hex("377abcaf271c0004"), "a 7z file; "),
        of(zip("weights/a.bin"), "a zip file; unpack it"),
        of(zip("archive/data.pkl"), "a PyTorch archive; give it a name that ends in .pt"),
        of(hex("504b0506"), "an empty zip file; "),
        of(hex("4747554603000000f20100000000000017"), "a GGUF file; get the model as safetensors"),
        of(hex("894844460d0a1a0a00000000"), "an HDF5 file (Keras); "),
        of(hex("080712077079746f7263681a05322e302e30"), "an ONNX model; "),
        of(hex("1c00000054464c3314002000"), "a TensorFlow Lite file; "),
        of(hex("934e554d5059010076007b27"), "a NumPy array; "),
        of(hex("80028a0a6cfc9c46f9206aa850192e"), "a PyTorch archive of the older stream format; "),
        of(hex("80049512000000000000007d94"), "a Python pickle; "),
        of(hex("89504e470d0a1a0a0000000d"), "a PNG picture; "));
  }

  @ParameterizedTest(name = "{1}")
  @MethodSource("notSafetensors")
  void filesUnderAWrongNameAreCalledWhatTheyAre(byte[] bytes, String expected) throws IOException {
    Path file = Files.write(folder.resolve("x.safetensors"), bytes);
    CheckpointException refusal =
        assertThrows(CheckpointException.class, () -> SafetensorsFile.open(file).close());
    String start = file + ": expected a safetensors file, found " + expected;
    assertTrue(refusal.getMessage().startsWith(start), refusal.getMessage());
    assertEquals(1, refusal.getMessage().lines().count(), refusal.getMessage());
  }

  /** A download that was cut off at any byte is told to be one, or to be empty. */
  @Test
  void truncatedDownloadsAreCalledSo() throws IOException {
    String header = "{\"a\":{\"dtype\":\"U8\",\"shape\":[9],\"data_offsets\":[0,9]}}";
    byte[] whole = Files.readAllBytes(HostileFile.of(folder.resolve("x"), header, 9));
    for (int length = 9; length < whole.length; length++) {
      Path file = Files.write(folder.resolve("x.safetensors"), Arrays.copyOf(whole, length));
      String message =
          assertThrows(CheckpointException.class, () -> SafetensorsFile.open(file)).getMessage();
      assertTrue(message.contains("cut off") && message.endsWith("download it again"), message);
    }
  }

  @Test
  void configurationsAreLookedAtTheSameWay() throws IOException {
    Path file = folder.resolve("config.json");
    for (var wrong :
        Map.of(
                POINTER,
                "a JSON file, found a Git LFS pointer; run git lfs pull",
                "<html>",
                "a JSON file, found an HTML page; ",
                "Entry not found",
                "a JSON file, found the text \"Entry not found\"; ",
                "",
                "a JSON file, found an empty file; ",
                "{\"error\":\"Entry not found\"}",
                "found the error of a server: {",
                "{\"url\":\"/x\",\"error\":\"Entry not found\"}",
                "a configuration, found the error of a server: Entry not found; ")
            .entrySet()) {
      Files.writeString(file, wrong.getKey());
      String message =
          assertThrows(CheckpointException.class, () -> JsonValue.read(file)).getMessage();
      assertTrue(message.startsWith(file + ": expected "), message);
      assertTrue(message.contains(wrong.getValue()), message);
    }
    Files.writeString(file, "{\"a\":1,}");
    String message =
        assertThrows(CheckpointException.class, () -> JsonValue.read(file)).getMessage();
    assertTrue(message.contains("invalid JSON at line 1"), message);
  }

  /** Lengths of headers happen to begin like other files; such files stay what they are. */
  @Test
  void validFilesAreNeverTakenForOthers() throws IOException {
    for (int length : new int[] {0x8b1f, 0x685a42 - 0x600000, 0x3c, 0x7b, 0x0280}) {
      byte[] header = ("{}" + " ".repeat(length - 2)).getBytes(StandardCharsets.UTF_8);
      SafetensorsFile.open(HostileFile.of(folder.resolve("x"), header, 0)).close();
      Path damaged = HostileFile.of(folder.resolve("x"), header, 3);
      assertEquals(Optional.of(FileKind.SAFETENSORS), FileKind.of(damaged));
    }
    assertEquals(Optional.empty(), FileKind.of(folder));
    assertEquals(Optional.empty(), FileKind.of(folder.resolve("none")));
    Path noise = Files.write(folder.resolve("noise"), hex("d1e2f3c4b5a69788f1"));
    assertEquals(Optional.empty(), FileKind.of(noise));
  }

  private static Arguments of(String text, String expected) {
    return of(text.getBytes(StandardCharsets.UTF_8), expected);
  }

  private static Arguments of(byte[] bytes, String expected) {
    return Arguments.of(bytes, expected);
  }

  private static byte[] hex(String digits) {
    return HexFormat.of().parseHex(digits);
  }

  private static byte[] gzip(String text) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (GZIPOutputStream out = new GZIPOutputStream(bytes)) {
      out.write(text.getBytes(StandardCharsets.UTF_8));
    }
    return bytes.toByteArray();
  }

  private static byte[] zip(String name) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream out = new ZipOutputStream(bytes)) {
      out.putNextEntry(new ZipEntry(name));
      out.write(1);
    }
    return bytes.toByteArray();
  }

  private static byte[] tar() {
    byte[] block = new byte[512];
    System.arraycopy("model.bin".getBytes(StandardCharsets.UTF_8), 0, block, 0, 9);
    System.arraycopy("ustar".getBytes(StandardCharsets.UTF_8), 0, block, 257, 5);
    return block;
  }
}
