package dev.orrery.model.session;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.orrery.runtime.checkpoint.CheckpointException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenFramesTest {
  private static final StartRequirements.Tokens EXPECTED =
      new StartRequirements.Tokens(2, 2, 1, 3, 262_144);

  @TempDir Path folder;

  @Test
  void readsBothWidths() throws IOException {
    long[] ids = {0, 262_143, 7, 65_536, 1, 2};
    for (String type : new String[] {"I64", "I32"}) {
      TokenFrames tokens = TokenFrames.read(file("tokens", type, "[2,1,3]", ids), EXPECTED);
      assertEquals(2, tokens.frames());
      assertEquals(1, tokens.rows());
      assertEquals(3, tokens.columns());
      assertArrayEquals(new int[] {0, 262_143, 7, 65_536, 1, 2}, tokens.ids());
    }
  }

  @Test
  void idsOutsideOfTheVocabularyAreRefused() throws IOException {
    for (long id : new long[] {262_144, -1, 1L << 32, Long.MIN_VALUE, Long.MAX_VALUE}) {
      Path file = file("tokens", "I64", "[2,1,3]", 0, 0, 0, 0, 0, id);
      assertEquals(
          "tokens: expected ids of 0 to 262143, found " + id + " in frame 1, row 0, column 2",
          refusal(file));
    }
  }

  @Test
  void otherTensorsAreRefused() throws IOException {
    assertEquals(
        "tensor tokens: expected, but missing",
        refusal(file("ids", "I64", "[2,1,3]", new long[6])));
    assertEquals(
        "tokens: expected I64 or I32 [frames, rows, columns], found F64 [2, 1, 3]",
        refusal(file("tokens", "F64", "[2,1,3]", new long[6])));
    assertEquals(
        "tokens: expected I64 or I32 [frames, rows, columns], found I64 [2, 3]",
        refusal(file("tokens", "I64", "[2,3]", new long[6])));
    assertEquals(
        "tokens: expected 2 frames of 1x3 ids, found 1 of 1x3",
        refusal(file("tokens", "I64", "[1,1,3]", new long[3])));
    assertEquals(
        "tokens: expected 2 frames of 1x3 ids, found 2 of 3x1",
        refusal(file("tokens", "I32", "[2,3,1]", new long[6])));
    assertEquals(
        "tokens: expected 2 frames of 1x3 ids, found 0 of 4294967296x3",
        refusal(file("tokens", "I32", "[0,4294967296,3]")));
  }

  @Test
  void idsAreAsManyAsTheyShouldBe() {
    assertThrows(IllegalArgumentException.class, () -> new TokenFrames(2, 1, 3, new int[5]));
    assertThrows(IllegalArgumentException.class, () -> new TokenFrames(0, 1, 3, new int[0]));
  }

  private static String refusal(Path file) {
    String message =
        assertThrows(CheckpointException.class, () -> TokenFrames.read(file, EXPECTED))
            .getMessage();
    assertEquals(file + ": ", message.substring(0, file.toString().length() + 2));
    return message.substring(file.toString().length() + 2);
  }

  private Path file(String name, String type, String shape, long... ids) throws IOException {
    int width = type.endsWith("64") ? 8 : 4;
    byte[] header =
        ("{\"%s\":{\"dtype\":\"%s\",\"shape\":%s,\"data_offsets\":[0,%d]}}"
                .formatted(name, type, shape, width * ids.length))
            .getBytes(StandardCharsets.UTF_8);
    ByteBuffer bytes =
        ByteBuffer.allocate(8 + header.length + width * ids.length).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(header.length).put(header);
    for (long id : ids) {
      if (width == 8) {
        bytes.putLong(id);
      } else {
        bytes.putInt((int) id);
      }
    }
    return Files.write(folder.resolve("tokens.safetensors"), bytes.array());
  }
}
