package dev.orrery.runtime.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class JsonValueTest {
  private static final JsonValue CONFIG =
      parse(
          """
          {"dit": {"num_heads": "12", "dim": 1536, "eps": 1e-6, "causal": true, "none": null,
                   "patch": [1, 2, 2], "shift": [0.5, 1], "mixed": [1, "x"], "blocks": [{"n": 1.5}]},
           "name": "x", "large": 12345678901}
          """);

  @Test
  void readsTypedMembers() {
    JsonValue dit = CONFIG.get("dit");
    assertEquals(1536, dit.integer("dim"));
    assertEquals(1e-6, dit.number("eps"));
    assertEquals(1536.0, dit.number("dim"));
    assertTrue(dit.bool("causal"));
    assertEquals("x", CONFIG.string("name"));
    assertEquals(12345678901L, CONFIG.get("large").asLong());
    assertArrayEquals(new int[] {1, 2, 2}, dit.integers("patch"));
    assertArrayEquals(new double[] {0.5, 1}, dit.numbers("shift"));
    assertEquals(List.of("dit", "name", "large"), List.copyOf(CONFIG.keys()));
    assertEquals("dit.blocks[0].n", dit.get("blocks").asList().getFirst().get("n").path());
  }

  @Test
  void rowsAreListedOrFollowEachOther(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("rows.json");
    for (String text : List.of("[{\"a\": 1}, {\"a\": 2}]", "{\"a\": 1}\n{\"a\": 2}\n")) {
      Files.writeString(file, text);
      List<JsonValue> rows = JsonValue.readRows(file, "row", 100, 2);
      assertEquals(2, rows.size());
      assertEquals(2, rows.get(1).integer("a"));
      assertEquals(
          file + ": row 1: b: expected an integer, found nothing",
          assertThrows(CheckpointException.class, () -> rows.get(1).integer("b")).getMessage());
      assertEquals(file + ": expected at most 1 rows, found more", rowsRefused(file, 100, 1));
      assertEquals(
          file + ": too long, expected at most 9 bytes of text, found " + Files.size(file),
          rowsRefused(file, 9, 2));
    }
    assertEquals(List.of(), JsonValue.readRows(Files.writeString(file, " "), "row", 100, 2));
    // More values than a file of any kind may have, in few bytes.
    Files.writeString(file, "[0, [" + "0,".repeat(2_000_000) + "0]]");
    assertEquals(
        file + ": row 1: expected JSON of at most 2000000 values, found more",
        rowsRefused(file, 10_000_000, 2));
    assertEquals(
        file + ": row 1: expected JSON of at most 2000000 values, found more",
        rowsRefused(file, 10_000_000, 2_000_000 / 32));
    assertEquals(2, JsonValue.readRows(file, "row", 10_000_000, 2_000_000 / 32 + 1).size());
    Files.writeString(file, "{\"a\": 1}\n" + "[".repeat(10_000));
    assertTrue(rowsRefused(file, 20_000, 2).startsWith(file + ": row 1: invalid JSON"));
  }

  private static String rowsRefused(Path file, long maxBytes, int maxRows) {
    return assertThrows(
            CheckpointException.class, () -> JsonValue.readRows(file, "row", maxBytes, maxRows))
        .getMessage();
  }

  @Test
  void absentAndNullMembersTakeDefaults() {
    JsonValue dit = CONFIG.get("dit");
    assertFalse(dit.has("none"));
    assertFalse(dit.has("heads"));
    assertEquals(7, dit.integer("none", 7));
    assertEquals(7.5, dit.number("heads", 7.5));
    assertTrue(dit.bool("heads", true));
    assertEquals("y", dit.string("heads", "y"));
    assertArrayEquals(new int[] {3}, dit.integers("heads", 3));
    assertArrayEquals(new double[] {3}, dit.numbers("heads", 3.0));
    refused("dit.num_heads: expected an integer, found \"12\"", () -> dit.integer("num_heads", 7));
  }

  @Test
  void errorsNameFilePathExpectedAndFound() {
    JsonValue dit = CONFIG.get("dit");
    refused("dit.num_heads: expected an integer, found \"12\"", () -> dit.integer("num_heads"));
    refused("dit.heads: expected an integer, found nothing", () -> dit.integer("heads"));
    refused("dit.none: expected a number, found null", () -> dit.number("none"));
    refused("dit.dim: expected true or false, found 1536", () -> dit.bool("dim"));
    refused("dit.patch: expected a string, found [1, 2, 2]", () -> dit.string("patch"));
    refused("dit.mixed[1]: expected an integer, found \"x\"", () -> dit.integers("mixed"));
    refused("dit: expected a list, found an object", () -> CONFIG.integers("dit"));
    refused("vae: expected an object, found nothing", () -> CONFIG.get("vae").integer("dim"));
    refused(
        "large: expected an integer of 32 bits, found 12345678901", () -> CONFIG.integer("large"));
    refused(
        "dit.blocks[0].n: expected an integer, found 1.5",
        () -> dit.get("blocks").asList().getFirst().integer("n"));
    refused("expected an object, found []", () -> parse("[]").keys());
    refused("a: expected a number, found 1e999", () -> parse("{\"a\":1e999}").number("a"));
  }

  @Test
  void refusesAnythingButOneStrictValue() {
    for (String text :
        List.of(
            "", "{", "{'a':1}", "[1,]", "NaN", "// x\n1", "01", "[1 2]", "{\"a\" 1}", "\ufeff{}")) {
      refusedParse(text, "invalid JSON");
    }
    refusedParse("{} {}", "trailing content");
    refusedParse("{\"a\":{\"b\":1,\"b\":1}}", "duplicate key \"a.b\"");
    refusedParse("[".repeat(65) + "]".repeat(65), "depth (65)");
    parse("[".repeat(64) + "]".repeat(64));
    refused(
        "invalid JSON at line 2, column 7: Unexpected end-of-input: expected close marker for Object"
            + " (start marker at line: 1, column: 1)",
        () -> parse("{\n\"a\": 1"));
    byte[] latin1 = "\"é\"".getBytes(StandardCharsets.ISO_8859_1);
    refused(
        "expected JSON in UTF-8, found invalid UTF-8",
        () -> JsonValue.parse("config.json", latin1));
    byte[] utf16 = "{}".getBytes(StandardCharsets.UTF_16LE);
    assertEquals(
        "config.json: invalid JSON at line 1, column 3: Illegal character ((CTRL-CHAR, code"
            + " 0)): only regular white space (\\r, \\n, \\t) is allowed between tokens",
        assertThrows(CheckpointException.class, () -> JsonValue.parse("config.json", utf16))
            .getMessage());
  }

  private static JsonValue parse(String text) {
    return JsonValue.parse("config.json", text.getBytes(StandardCharsets.UTF_8));
  }

  private static void refused(String message, Executable reading) {
    assertEquals(
        "config.json: " + message, assertThrows(CheckpointException.class, reading).getMessage());
  }

  private static void refusedParse(String text, String cause) {
    String message = assertThrows(CheckpointException.class, () -> parse(text)).getMessage();
    assertTrue(message.startsWith("config.json: ") && message.contains(cause), message);
    assertEquals(1, message.lines().count(), message);
  }
}
