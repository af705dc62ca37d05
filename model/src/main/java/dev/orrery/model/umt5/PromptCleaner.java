package dev.orrery.model.umt5;

import dev.orrery.model.text.Whitespace;

/**
 * Cleans a prompt the way the Wan family does before it is tokenized: the text is repaired,
 * character references of HTML are replaced twice over, runs of whitespace become one space, and
 * none is left at the ends.
 *
 * <p>Source: {@code prompt_clean} of the pipelines for Wan in diffusers. Of the first step, {@code
 * ftfy.fix_text}, all is done but the search for text that was decoded with a wrong encoding.
 */
public final class PromptCleaner {
  private PromptCleaner() {}

  /** The cleaned prompt. */
  public static String clean(String prompt) {
    String text = TextRepair.repair(prompt);
    text = HtmlReferences.unescape(HtmlReferences.unescape(text));
    return Whitespace.strip(Whitespace.collapse(text), true, true);
  }
}
