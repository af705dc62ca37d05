package dev.orrery.model.byt5;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;

class QuotedTextsTest {
  @Test
  void tellsOfMarksWithoutAnotherOne() {
    String prompt = "a \"sign\"\nand \u201cone more";
    QuotedTexts found = QuotedTexts.of(prompt);
    assertEquals(new QuotedTexts(List.of("sign"), OptionalInt.of(13)), found);
    assertEquals(
        Optional.of(
            "prompt: the quotation mark at line 2, column 5 has no other one on its line; what"
                + " follows it is not taken as quoted"),
        found.warning(prompt));
    assertEquals(OptionalInt.of(0), QuotedTexts.of("\"\n\"ok\"").stray());
    assertEquals(OptionalInt.of(4), QuotedTexts.of("\"ok\"\u201d").stray());
    assertEquals(Optional.empty(), QuotedTexts.of("\"ok\"").warning("\"ok\""));
    assertEquals(OptionalInt.empty(), QuotedTexts.of("it's 'so'").stray());
  }

  /** Of the characters that Java or Unicode call line ends, the line feed alone ends a text. */
  @Test
  void onlyALineFeedEndsALine() {
    assertEquals(List.of("a\r\u2028b\u0085c"), QuotedTexts.of("\"a\r\u2028b\u0085c\"").texts());
  }
}
