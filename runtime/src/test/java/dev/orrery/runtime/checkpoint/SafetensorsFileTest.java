package dev.orrery.runtime.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.ValueLayout;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class SafetensorsFileTest {
  @TempDir Path folder;

  @Test
  void readsAFileWrittenByHand() throws IOException {
    // Not sorted by offset, an empty tensor, a scalar, data that starts at an odd byte, padding.
    String header =
        """
        {"b":{"dtype":"F32","shape":[],"data_offsets":[3,7]},\
        "__metadata__":{"config":"{}"},\
        "empty":{"dtype":"BF16","shape":[0,5],"data_offsets":[3,3]},\
        "a":{"dtype":"U8","shape":[1,3],"data_offsets":[0,3]}}  \
        """;
    Path path = HostileFile.of(folder.resolve("x.safetensors"), header, 7);
    byte[] bytes = Files.readAllBytes(path);
    System.arraycopy(new byte[] {1, 2, 3, 0, 0, (byte) 0x80, 0x3f}, 0, bytes, bytes.length - 7, 7);
    Files.write(path, bytes);
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      assertEquals(List.of("a", "empty", "b"), List.copyOf(file.tensors().keySet()));
      assertEquals("{}", file.metadata().get("config"));
      assertEquals(7, file.byteSize());
      Tensor a = file.tensor("a");
      assertEquals("U8[1, 3]", a.toString());
      assertArrayEquals(new byte[] {1, 2, 3}, a.segment().toArray(ValueLayout.JAVA_BYTE));
      assertArrayEquals(new float[] {1}, file.tensor("b").toFloats());
      assertEquals(Shape.of(), file.tensor("b").shape());
      assertEquals(0, file.tensor("empty").byteSize());
      assertEquals(DType.BF16, file.tensor("empty").dtype());
      CheckpointException missing = assertThrows(CheckpointException.class, () -> file.tensor("c"));
      assertEquals(path + ": tensor c: expected, but missing", missing.getMessage());
    }
  }

  @Test
  void readsAFileWithoutTensors() throws IOException {
    try (SafetensorsFile file =
        SafetensorsFile.open(HostileFile.of(folder.resolve("x"), "{}", 0))) {
      assertTrue(file.tensors().isEmpty());
    }
  }

  @Test
  void tensorsEndWithTheFile() throws IOException {
    SafetensorsFile file =
        SafetensorsFile.open(HostileFile.of(folder.resolve("x"), one("U8", "[3]", 0, 3), 3));
    Tensor tensor = file.tensor("a");
    file.close();
    file.close();
    assertThrows(IllegalStateException.class, () -> tensor.segment().get(ValueLayout.JAVA_BYTE, 0));
  }

  @Test
  void loadReportsProgress() throws IOException {
    int bytes = (32 << 20) + 5;
    Path path = HostileFile.of(folder.resolve("x"), one("U8", "[" + bytes + "]", 0, bytes), bytes);
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      List<Long> progress = new ArrayList<>();
      file.load(progress::add);
      assertEquals(List.of(32L << 20, (long) bytes), progress);
    }
  }

  @Test
  void refusesPathsThatAreNoFiles() throws IOException {
    refused(folder.resolve("none.safetensors"), "no such file");
    refused(Files.createDirectory(folder.resolve("d.safetensors")), "found a folder");
    refused(Files.write(folder.resolve("short"), new byte[] {2, 0, 0}), "8 bytes, found 3 bytes");
  }

  @Test
  void refusesWrongHeaderLengths() throws IOException {
    byte[] header = "{}".getBytes(StandardCharsets.UTF_8);
    Path path = folder.resolve("x");
    refused(
        HostileFile.of(path, 3, header, 0),
        "header length: expected at most the 2 bytes",
        "found 3");
    refused(HostileFile.of(path, 100_000_001, header, 0), "at most 100 MB, found 100000001");
    refused(HostileFile.of(path, -1, header, 0), "at most 100 MB, found 18446744073709551615");
    refused(
        HostileFile.of(path, Long.MAX_VALUE, header, 0),
        "at most 100 MB, found 9223372036854775807");
    refused(HostileFile.of(path, 0, header, 0), "start with '{'", "an empty header");
  }

  static Stream<Arguments> hostileHeaders() {
    String max = String.valueOf(Long.MAX_VALUE);
    return Stream.of(
        Arguments.of("[]", "start with '{', found byte 0x5b"),
        Arguments.of("{", "invalid JSON"),
        Arguments.of("{\"a\":1,}", "invalid JSON"),
        Arguments.of("{}{}", "trailing content"),
        Arguments.of("{} x", "invalid JSON"),
        Arguments.of("{\"a\":" + "[".repeat(127) + "]".repeat(127) + "}", "depth (128)"),
        Arguments.of("{\"__metadata__\":{},\"__metadata__\":{}}", "duplicate key \"__metadata__\""),
        Arguments.of(
            entry("\"dtype\":\"U8\",\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]"),
            "duplicate key \"a.dtype\""),
        Arguments.of("{\"__metadata__\":{\"k\":1}}", "__metadata__.k: expected a string, found 1"),
        Arguments.of("{\"__metadata__\":\"k\"}", "__metadata__: expected an object, found \"k\""),
        Arguments.of("{\"a\":3}", "a: expected an object, found 3"),
        Arguments.of(
            entry("\"shape\":[],\"data_offsets\":[0,1]"),
            "a.dtype: expected a string, found nothing"),
        Arguments.of(
            entry("\"dtype\":\"U8\",\"data_offsets\":[0,1]"),
            "a.shape: expected a list, found nothing"),
        Arguments.of(
            entry("\"dtype\":\"U8\",\"shape\":[1]"),
            "a.data_offsets: expected a list, found nothing"),
        Arguments.of(
            one("u8", "[1]", 0, 1), "a.dtype: expected an element type such as F32, found \"u8\""),
        Arguments.of(
            one("U8", "[-1]", 0, 1), "a.shape[0]: expected a non-negative integer, found -1"),
        Arguments.of(one("U8", "[1.0]", 0, 1), "a.shape[0]: expected an integer, found 1.0"),
        Arguments.of(one("U8", "[9223372036854775808]", 0, 1), "a.shape[0]: expected an integer"),
        Arguments.of(one("U8", "[4294967296,4294967296]", 0, 0), "a: shape ... overflow"),
        Arguments.of(one("F32", "[" + max + "]", 0, 4), "a: shape ... 64 bits"),
        Arguments.of(
            one("U8", "[1]", -1, 0),
            "a.data_offsets[0]: expected a non-negative integer, found -1"),
        Arguments.of(one("U8", "[1]", 1, 0), "a: data offsets ... found [1, 0]"),
        Arguments.of(one("F32", "[2]", 0, 7), "a: data size: expected 8 bytes for F32[2], found 7"),
        Arguments.of(
            entry("\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1,2]"), "two offsets"),
        Arguments.of(
            one("U8", "[1]", 1, 2), "a: data offsets: expected to begin at byte 0, found 1 (hole)"),
        Arguments.of(
            entries(one(0, 2), other(3, 5)),
            "b: data offsets: expected to begin at byte 2, found 3 (hole)"),
        Arguments.of(
            entries(one(0, 3), other(2, 5)),
            "b: data offsets: expected to begin at byte 3, found 2 (overlap)"),
        Arguments.of(
            entries(one(0, 5), other(0, 5)), "expected to begin at byte 5, found 0 (overlap)"),
        Arguments.of(entries(one(0, 5), other(2, 2)), "b: data offsets ... (overlap)"),
        Arguments.of(
            one("U8", "[6]", 0, 6),
            "expected 6 data bytes behind the header, found 5; the file is cut off: download it"),
        Arguments.of(one("F4", "[3]", 0, 2), "a: shape: expected whole bytes, found F4[3]"),
        Arguments.of("{\"\\ud800\":{}}", "half of a surrogate pair"),
        Arguments.of(one("U8", "[4]", 0, 4), "expected 4 data bytes, found 5: trailing bytes"),
        Arguments.of("{}", "expected 0 data bytes, found 5: trailing bytes"),
        Arguments.of("{\"a\\nb\\u001b[31m\":3}", "a\\u000ab\\u001b[31m: expected an object"));
  }

  @ParameterizedTest
  @MethodSource("hostileHeaders")
  void refusesHostileHeaders(String header, String cause) throws IOException {
    refused(HostileFile.of(folder.resolve("x"), header, 5), cause.split(" \\.\\.\\. "));
  }

  @Test
  void refusesInvalidUtf8() throws IOException {
    for (byte[] invalid :
        List.of(new byte[] {(byte) 0xff}, new byte[] {(byte) 0xc0, (byte) 0x80})) {
      byte[] header = one("U8", "[5]", 0, 5).replace("a", "??").getBytes(StandardCharsets.UTF_8);
      header[2] = invalid[0];
      header[3] = invalid[invalid.length - 1];
      refused(
          HostileFile.of(folder.resolve("x"), header, 5),
          "expected JSON in UTF-8, found invalid UTF-8");
    }
  }

  @Test
  void refusesAHeaderOfMillionsOfValues() throws IOException {
    String header = "{\"a\":[" + "1,".repeat(2_000_000) + "1]}";
    refused(HostileFile.of(folder.resolve("x"), header, 0), "at most 2000000 values");
  }

  /** Whatever happens to the bytes of a valid file, the only failure is a refusal of one line. */
  @Test
  @Tag("slow")
  void mutatedFilesAreReadOrRefused() throws IOException {
    String header =
        entries(
            "{\"__metadata__\":{\"k\":\"v\"}}",
            one("F32", "[2,1]", 0, 8),
            "{\"b\":{\"dtype\":\"BF16\",\"shape\":[0],\"data_offsets\":[8,8]}}",
            "{\"c\":{\"dtype\":\"I64\",\"shape\":[],\"data_offsets\":[8,16]}}");
    Path path = HostileFile.of(folder.resolve("x"), header, 16);
    byte[] valid = Files.readAllBytes(path);
    Random random = new Random(7);
    int refusals = 0;
    int runs = 20_000;
    for (int run = 0; run < runs; run++) {
      Files.write(path, mutate(valid, random));
      try (SafetensorsFile file = SafetensorsFile.open(path)) {
        file.tensors()
            .keySet()
            .forEach(name -> file.tensor(name).segment().toArray(ValueLayout.JAVA_BYTE));
      } catch (CheckpointException e) {
        refusals++;
        assertTrue(e.getMessage().startsWith(path + ": "), e.getMessage());
        assertEquals(1, e.getMessage().lines().count(), e.getMessage());
      }
    }
    assertTrue(refusals > runs / 2, refusals + " refusals of " + runs);
  }

  private static byte[] mutate(byte[] valid, Random random) {
    String json = "{}[]\",:0123456789-.eE\\ntrue";
    List<Byte> bytes = new ArrayList<>();
    for (byte b : valid) {
      bytes.add(b);
    }
    for (int edits = 1 + random.nextInt(3); edits > 0 && !bytes.isEmpty(); edits--) {
      int at = random.nextInt(bytes.size());
      byte value =
          random.nextInt(4) == 0
              ? (byte) random.nextInt(256)
              : (byte) json.charAt(random.nextInt(json.length()));
      switch (random.nextInt(5)) {
        case 0, 1 -> bytes.set(at, value);
        case 2 -> bytes.add(at, value);
        case 3 -> bytes.remove(at);
        default -> bytes.set(at, bytes.get(random.nextInt(bytes.size())));
      }
      if (random.nextInt(10) == 0) {
        bytes.subList(at, bytes.size()).clear();
        bytes.add(value);
      }
    }
    byte[] mutated = new byte[bytes.size()];
    for (int i = 0; i < mutated.length; i++) {
      mutated[i] = bytes.get(i);
    }
    return mutated;
  }

  private static String one(long begin, long end) {
    return one("U8", "[" + (end - begin) + "]", begin, end);
  }

  private static String other(long begin, long end) {
    return one(begin, end).replace("\"a\"", "\"b\"");
  }

  private static String one(String dtype, String shape, long begin, long end) {
    return entry(
        "\"dtype\":\""
            + dtype
            + "\",\"shape\":"
            + shape
            + ",\"data_offsets\":["
            + begin
            + ","
            + end
            + "]");
  }

  private static String entry(String members) {
    return "{\"a\":{" + members + "}}";
  }

  private static String entries(String... objects) {
    List<String> members = new ArrayList<>();
    for (String object : objects) {
      members.add(object.substring(1, object.length() - 1));
    }
    return "{" + String.join(",", members) + "}";
  }

  static void refused(Path path, String... parts) {
    CheckpointException refusal =
        assertThrows(CheckpointException.class, () -> SafetensorsFile.open(path).close());
    assertTrue(refusal.getMessage().startsWith(path + ": "), refusal.getMessage());
    assertEquals(1, refusal.getMessage().lines().count(), refusal.getMessage());
    for (String part : parts) {
      assertTrue(refusal.getMessage().contains(part), refusal.getMessage());
    }
  }
}
