package dev.orrery.model.camera;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PoseStringTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "w-3|w w w",
        "w-1,s-1,d-1,a-1,right-1,left-1,up-1,down-1|w s d a right left up down",
        "'  right-2 ,, w-1,'|right right w",
        "right-2.9, up-0.5, w-.5, s-1.|right right s",
        "w-0, d- 2, a-1e0, s-0.2E1|d d a s s",
        "''|''",
      })
  void commandsAreRepeated(String text, String expected) {
    assertEquals(expected, words(text));
  }

  @Test
  void commandsMayStandOnSeveralLines() {
    assertEquals("w w left", words("w-2,\n  left-1\n"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "w|expected a move and a number such as w-31, found \"w\" at line 1, column 1",
        "w--3|expected a move and a number such as w-31, found \"w--3\" at line 1, column 1",
        "'s-1, w-3-4'|expected a move and a number such as w-31, found \"w-3-4\" at line 1, column 6",
        "w-|expected a number of latent frames, found \"\" at line 1, column 3",
        "'s-1,  up-x'|expected a number of latent frames, found \"x\" at line 1, column 10",
        "w-nan|expected a number of latent frames, found \"nan\" at line 1, column 3",
        "w-inf|expected a number of latent frames, found \"inf\" at line 1, column 3",
        "w-0x10|expected a number of latent frames, found \"0x10\" at line 1, column 3",
        "w-1f|expected a number of latent frames, found \"1f\" at line 1, column 3",
        "W-2|unknown move \"W\" at line 1, column 1; moves are w, s, d, a, right, left, up, down",
        "w -2|unknown move \"w \" at line 1, column 1; moves are w, s, d, a, right, left, up, down",
        "w-100000|more than 100000 poses in all at line 1, column 3",
        "'w-99999, s-1'|more than 100000 poses in all at line 1, column 12",
        "w-1e999|more than 100000 poses in all at line 1, column 3",
      })
  void mistakesAreNamedWithTheirPosition(String text, String expected) {
    assertEquals("camera: " + expected, message(text));
  }

  @Test
  void linesAreCounted() {
    assertEquals(
        "camera: unknown move \"jump\" at line 3, column 3;"
            + " moves are w, s, d, a, right, left, up, down",
        message("w-1,\n\n  jump-3"));
  }

  @Test
  void theLongestPathIsAccepted() {
    assertEquals(99_999, PoseString.parse("w-99999, s-0").size());
  }

  @Test
  void hostileTextsAreRefused() {
    assertEquals("camera: longer than 1000000 characters: 1000001", message(",".repeat(1000001)));
    assertEquals(
        "camera: expected a move and a number such as w-31, found \"w 3U+202EU+0000\" at line 1,"
            + " column 1",
        message("w 3\u202e\0"));
    assertEquals(
        "camera: expected a move and a number such as w-31, found \""
            + "x".repeat(40)
            + "...\" at line 1, column 1",
        message("x".repeat(41)));
  }

  private static String words(String text) {
    List<CameraMove> moves = PoseString.parse(text);
    return moves.stream().map(CameraMove::word).collect(Collectors.joining(" "));
  }

  private static String message(String text) {
    return assertThrows(InvalidCameraException.class, () -> PoseString.parse(text)).getMessage();
  }
}
