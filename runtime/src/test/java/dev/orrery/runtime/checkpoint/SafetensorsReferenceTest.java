package dev.orrery.runtime.checkpoint;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.FieldSource;

/**
 * Odd headers, and what the reference library of the format makes of them: the answers are those of
 * {@code safetensors.deserialize} of the Python package safetensors 0.8.0, which is the Rust crate
 * of that version, called with the same bytes.
 */
class SafetensorsReferenceTest {
  /** What the library refuses. */
  private static final String REFUSED = "refused";

  @TempDir Path folder;

  /** What it is, the header, bytes of data, and the tensors that the library finds. */
  static final List<Arguments> CASES =
      List.of(
          // The object.
          of("no tensors", "{}", 0, ""),
          of("no header", "", 0, REFUSED),
          of("a blank before it", " " + tensor("a"), 1, "a U8[1]"),
          of("line ends and tabs before it", "\r\n\t" + tensor("a"), 1, "a U8[1]"),
          of("blanks behind it", tensor("a") + "   ", 1, "a U8[1]"),
          of("line ends and tabs behind it", tensor("a") + "\r\n\t", 1, "a U8[1]"),
          of("NUL behind it", tensor("a") + "\0\0", 1, REFUSED),
          of("another object behind it", tensor("a") + "{}", 1, REFUSED),
          of("a byte order mark before it", "\ufeff" + tensor("a"), 1, REFUSED),
          of("a list", "[]", 0, REFUSED),
          of("null", "null", 0, REFUSED),
          of("a comma too many", object(member("a") + ","), 1, REFUSED),
          of("a comment", "{/* */}", 0, REFUSED),
          // Keys that occur twice.
          of("a tensor twice", object(member("a"), member("a")), 1, "a U8[1]"),
          of(
              "a tensor twice, the last one right",
              object(member("a", "U8", "[2]", 0, 2), member("a")),
              1,
              "a U8[1]"),
          of(
              "a tensor twice, the first one right",
              object(member("a"), member("a", "U8", "[2]", 0, 2)),
              2,
              "a U8[2]"),
          of("a tensor twice, the first no tensor", object("\"a\":3", member("a")), 1, REFUSED),
          of("a dtype twice", entry("\"dtype\":\"U8\",\"dtype\":\"U8\"", 0, 1), 1, REFUSED),
          of("a shape twice", entry("\"dtype\":\"U8\",\"shape\":[1]", 0, 1), 1, REFUSED),
          of("metadata twice", object(metadata("{}"), metadata("{}"), member("a")), 1, REFUSED),
          of(
              "an entry of metadata twice",
              object(metadata("{\"k\":\"v\",\"k\":\"w\"}"), member("a")),
              1,
              "a U8[1] {k=w}"),
          of(
              "an unknown member twice",
              entry("\"dtype\":\"U8\",\"x\":1,\"x\":2", 0, 1),
              1,
              "a U8[1]"),
          // Metadata.
          of("null metadata", object(metadata("null"), member("a")), 1, "a U8[1]"),
          of("empty metadata", object(metadata("{}"), member("a")), 1, "a U8[1]"),
          of(
              "metadata behind tensors",
              object(member("a"), metadata("{\"k\":\"v\"}")),
              1,
              "a U8[1] {k=v}"),
          of("a number in metadata", object(metadata("{\"k\":1}")), 0, REFUSED),
          of("null in metadata", object(metadata("{\"k\":null}")), 0, REFUSED),
          of("an object in metadata", object(metadata("{\"k\":{}}")), 0, REFUSED),
          of("a string as metadata", object(metadata("\"k\"")), 0, REFUSED),
          of("a list as metadata", object(metadata("[\"k\"]")), 0, REFUSED),
          of("a tensor as metadata", tensor("__metadata__"), 1, REFUSED),
          // Names.
          of("an empty name", tensor(""), 1, " U8[1]"),
          of("NUL escaped in a name", tensor("\\u0000"), 1, "\0 U8[1]"),
          of("NUL in a name", tensor("\0"), 1, REFUSED),
          of("a tab in a name", tensor("a\tb"), 1, REFUSED),
          of("a pair of surrogates escaped", tensor("\\ud83d\\ude00"), 1, "\ud83d\ude00 U8[1]"),
          of("a high surrogate alone", tensor("\\ud800"), 1, REFUSED),
          of("a low surrogate alone", tensor("\\udc00"), 1, REFUSED),
          of(
              "a surrogate alone in metadata",
              object(metadata("{\"k\":\"\\ud800\"}"), member("a")),
              1,
              REFUSED),
          of("a name that is no character", tensor("\\uffff"), 1, "\uffff U8[1]"),
          // Members of a tensor.
          of("an unknown member", entry("\"dtype\":\"U8\",\"x\":[{}]", 0, 1), 1, "a U8[1]"),
          of(
              "an unknown member of 120 levels",
              entry("\"dtype\":\"U8\",\"x\":" + "[".repeat(120) + "]".repeat(120), 0, 1),
              1,
              "a U8[1]"),
          of(
              "an unknown member of 200 levels",
              entry("\"dtype\":\"U8\",\"x\":" + "[".repeat(200) + "]".repeat(200), 0, 1),
              1,
              REFUSED),
          of(
              "an unknown member out of range",
              entry("\"dtype\":\"U8\",\"x\":1e999", 0, 1),
              1,
              REFUSED),
          of("no dtype", entry("\"x\":1", 0, 1), 1, REFUSED),
          of("no shape", "{\"a\":{\"dtype\":\"U8\",\"data_offsets\":[0,1]}}", 1, REFUSED),
          of("no offsets", "{\"a\":{\"dtype\":\"U8\",\"shape\":[1]}}", 1, REFUSED),
          of("a null tensor", "{\"a\":null}", 0, REFUSED),
          of("a dtype in small letters", object(member("a", "u8", "[1]", 0, 1)), 1, REFUSED),
          // Shapes.
          of("a scalar", object(member("a", "U8", "[]", 0, 1)), 1, "a U8[]"),
          of("no elements", object(member("a", "U8", "[0, 5]", 0, 0)), 0, "a U8[0, 5]"),
          of(
              "a product that overflows behind a 0",
              object(member("a", "U8", "[0, 4294967296, 4294967296]", 0, 0)),
              0,
              "a U8[0, 4294967296, 4294967296]"),
          of(
              "a product that overflows before a 0",
              object(member("a", "U8", "[4294967296, 4294967296, 0]", 0, 0)),
              0,
              REFUSED),
          of("2^60 doubles", object(member("a", "F64", "[1152921504606846976]", 0, 1)), 1, REFUSED),
          of(
              "an extent of 2^63",
              object(member("a", "U8", "[9223372036854775808]", 0, 1)),
              1,
              REFUSED),
          of(
              "an extent of 2^64",
              object(member("a", "U8", "[18446744073709551616]", 0, 1)),
              1,
              REFUSED),
          of("an extent below 0", object(member("a", "U8", "[-1]", 0, 1)), 1, REFUSED),
          of("-0 as an extent", object(member("a", "U8", "[-0]", 0, 0)), 0, REFUSED),
          of("1.0 as an extent", object(member("a", "U8", "[1.0]", 0, 1)), 1, REFUSED),
          of("1e0 as an extent", object(member("a", "U8", "[1e0]", 0, 1)), 1, REFUSED),
          of("01 as an extent", object(member("a", "U8", "[01]", 0, 1)), 1, REFUSED),
          of("\"1\" as an extent", object(member("a", "U8", "[\"1\"]", 0, 1)), 1, REFUSED),
          of("true as an extent", object(member("a", "U8", "[true]", 0, 1)), 1, REFUSED),
          of("null as a shape", object(member("a", "U8", "null", 0, 1)), 1, REFUSED),
          // Offsets.
          of(
              "offsets that are not in order",
              object(member("b", "U8", "[1]", 1, 2), member("a")),
              2,
              "a U8[1], b U8[1]"),
          of(
              "data at an odd byte",
              object(member("a"), member("b", "F32", "[1]", 1, 5)),
              5,
              "a U8[1], b F32[1]"),
          of(
              "an empty tensor at the end",
              object(member("a"), member("b", "U8", "[0]", 1, 1)),
              1,
              "a U8[1], b U8[0]"),
          of(
              "an empty tensor at the start, named last",
              object(member("a"), member("b", "U8", "[0]", 0, 0)),
              1,
              "a U8[1], b U8[0]"),
          of(
              "an empty tensor inside another",
              object(member("a", "U8", "[2]", 0, 2), member("b", "U8", "[0]", 1, 1)),
              2,
              REFUSED),
          of(
              "an empty tensor beyond the end",
              object(member("a"), member("b", "U8", "[0]", 2, 2)),
              1,
              REFUSED),
          of("a hole at the start", object(member("a", "U8", "[1]", 1, 2)), 2, REFUSED),
          of("a hole", object(member("a"), member("b", "U8", "[1]", 2, 3)), 3, REFUSED),
          of("the same bytes twice", object(member("a"), member("b")), 1, REFUSED),
          of(
              "an overlap",
              object(member("a", "U8", "[2]", 0, 2), member("b", "U8", "[2]", 1, 3)),
              3,
              REFUSED),
          of("bytes behind the last tensor", tensor("a"), 2, REFUSED),
          of("missing bytes", object(member("a", "U8", "[4]", 0, 4)), 3, REFUSED),
          of("an end before the beginning", object(member("a", "U8", "[1]", 1, 0)), 1, REFUSED),
          of("a beginning below 0", object(member("a", "U8", "[1]", -1, 0)), 1, REFUSED),
          of(
              "another size than that of the shape",
              object(member("a", "F32", "[2]", 0, 7)),
              7,
              REFUSED),
          of(
              "one offset",
              "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0]}}",
              1,
              REFUSED),
          of(
              "three offsets",
              "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1,2]}}",
              1,
              REFUSED),
          of(
              "1.0 as an offset",
              "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1.0]}}",
              1,
              REFUSED),
          // Elements of less than a byte.
          of("two of four bits", object(member("a", "F4", "[2]", 0, 1)), 1, "a F4[2]"),
          of("three of four bits in two bytes", object(member("a", "F4", "[3]", 0, 2)), 2, REFUSED),
          of("three of four bits in one byte", object(member("a", "F4", "[3]", 0, 1)), 1, REFUSED),
          of("none of four bits", object(member("a", "F4", "[0]", 0, 0)), 0, "a F4[0]"),
          of("four of six bits", object(member("a", "F6_E2M3", "[4]", 0, 3)), 3, "a F6_E2M3[4]"),
          of("one of six bits", object(member("a", "F6_E2M3", "[1]", 0, 1)), 1, REFUSED));

  @ParameterizedTest(name = "{0}")
  @FieldSource("CASES")
  void readsWhatTheReferenceReads(String what, String header, int data, String tensors)
      throws IOException {
    check(HostileFile.of(folder.resolve("x"), header, data), tensors);
  }

  /** The names of the format, with the bytes of eight elements in the reference. */
  @ParameterizedTest
  @CsvSource({
    "BOOL,8",
    "F4,4",
    "F6_E2M3,6",
    "F6_E3M2,6",
    "U8,8",
    "I8,8",
    "F8_E5M2,8",
    "F8_E4M3,8",
    "F8_E8M0,8",
    "F8_E4M3FNUZ,8",
    "F8_E5M2FNUZ,8",
    "I16,16",
    "U16,16",
    "F16,16",
    "BF16,16",
    "I32,32",
    "U32,32",
    "F32,32",
    "C64,64",
    "F64,64",
    "I64,64",
    "U64,64"
  })
  void knowsTheSizesOfTheFormat(String type, int bytes) throws IOException {
    String header = object(member("a", type, "[8]", 0, bytes));
    check(HostileFile.of(folder.resolve("x"), header, bytes), "a " + type + "[8]");
    String larger = object(member("a", type, "[8]", 0, bytes + 1));
    check(HostileFile.of(folder.resolve("x"), larger, bytes + 1), REFUSED);
  }

  @Test
  void refusesHeadersOfMoreThan100Megabytes() throws IOException {
    byte[] header = "{}".getBytes(StandardCharsets.UTF_8);
    check(HostileFile.of(folder.resolve("x"), 100_000_001, header, 0), REFUSED);
    check(HostileFile.of(folder.resolve("x"), -1, header, 0), REFUSED);
    check(HostileFile.of(folder.resolve("x"), 3, header, 0), REFUSED);
  }

  /** Where the reader goes on from what the library takes: types of a later format, by name. */
  @Test
  void keepsTypesToComeByName() throws IOException {
    for (String type : List.of("F8_E3M4", "C128", "I4", "Z")) {
      Path file = HostileFile.of(folder.resolve("x"), object(member("a", type, "[7]", 0, 5)), 5);
      try (SafetensorsFile opened = SafetensorsFile.open(file)) {
        TensorInfo info = opened.tensors().get("a");
        assertEquals(type, info.type().name());
        assertEquals(5, info.byteSize());
        assertEquals(5, opened.bytes("a").byteSize());
        CheckpointException refusal =
            assertThrows(CheckpointException.class, () -> opened.tensor("a"));
        assertEquals(
            file
                + ": tensor a: expected one of the dtypes [F64, F32, F16, BF16, F8_E4M3, F8_E5M2,"
                + " I64, I32, I16, I8, U64, U32, U16, U8, BOOL] to compute with, found "
                + type,
            refusal.getMessage());
      }
    }
    for (String type : List.of("", "f32", "float32", "F-8", "\\u001b[0m", "F".repeat(33))) {
      check(
          HostileFile.of(folder.resolve("x"), object(member("a", type, "[5]", 0, 5)), 5), REFUSED);
    }
  }

  private static void check(Path path, String expected) {
    if (expected.equals(REFUSED)) {
      assertThrows(CheckpointException.class, () -> SafetensorsFile.open(path).close());
      return;
    }
    try (SafetensorsFile file = SafetensorsFile.open(path)) {
      Map<String, String> found = new TreeMap<>();
      file.tensors()
          .forEach((name, info) -> found.put(name, name + " " + info.type() + info.shape()));
      String metadata = file.metadata().isEmpty() ? "" : " " + file.metadata();
      assertEquals(expected, String.join(", ", found.values()) + metadata);
    }
  }

  private static Arguments of(String what, String header, int data, String tensors) {
    return Arguments.of(what, header, data, tensors);
  }

  private static String object(String... members) {
    return "{" + String.join(",", members) + "}";
  }

  private static String tensor(String name) {
    return object(member(name));
  }

  private static String member(String name) {
    return member(name, "U8", "[1]", 0, 1);
  }

  private static String member(String name, String type, String shape, long begin, long end) {
    return "\"%s\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[%d,%d]}"
        .formatted(name, type, shape, begin, end);
  }

  private static String metadata(String value) {
    return "\"__metadata__\":" + value;
  }

  private static String entry(String members, long begin, long end) {
    return "{\"a\":{%s,\"shape\":[1],\"data_offsets\":[%d,%d]}}".formatted(members, begin, end);
  }
}
