package dev.orrery.model.umt5;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.runtime.checkpoint.JsonValue;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class PromptCleanerTest {
  /** The expected texts were written by ftfy 6.3.1 and Python's html and re. */
  @Test
  void cleansLikeTheReference() {
    JsonValue cases = JsonValue.read(Path.of("src/test/resources/umt5/cleaned.json")).get("cases");
    assertTrue(cases.asList().size() > 20, "cases");
    for (JsonValue each : cases.asList()) {
      String text = each.string("text");
      assertEquals(each.string("clean"), PromptCleaner.clean(text), text);
    }
  }

  @Test
  void loneSurrogatesAreReplaced() {
    assertEquals("a \ufffd b \ud83e\udd99", PromptCleaner.clean("a \ud83e b \ud83e\udd99"));
  }

  @Test
  void hugeNumbersAreNoCharacters() {
    assertEquals("\ufffd", PromptCleaner.clean("&#" + "9".repeat(1000) + ";"));
    assertEquals("\ufffd", PromptCleaner.clean("&#x" + "F".repeat(1000) + ";"));
  }
}
