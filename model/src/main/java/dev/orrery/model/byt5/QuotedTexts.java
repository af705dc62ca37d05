package dev.orrery.model.byt5;

import dev.orrery.model.text.SourceText;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The texts that a prompt quotes, which are to be seen in the video: signs, posters, titles. What
 * stands between two straight quotation marks, or between an opening and a closing curly one, is
 * such a text; the two kinds do not close each other, a line does not go on in the next, and single
 * quotation marks are apostrophes.
 *
 * <p>Source: HunyuanVideo-1.5, {@code extract_glyph_text} and the prompt formatting of
 * Glyph-SDXL-v2; colours and fonts are never given.
 *
 * @param texts each text once, in the order of the prompt; an empty one counts
 * @param stray position of a quotation mark that is not part of any pair, if there is one
 */
public record QuotedTexts(List<String> texts, OptionalInt stray) {
  private static final Pattern QUOTED =
      Pattern.compile("\"([^\n]*?)\"|\u201c([^\n]*?)\u201d", Pattern.DOTALL);
  private static final String MARKS = "\"\u201c\u201d";

  /** Finds them. */
  public static QuotedTexts of(String prompt) {
    Set<String> texts = new LinkedHashSet<>();
    OptionalInt stray = OptionalInt.empty();
    Matcher matcher = QUOTED.matcher(prompt);
    int from = 0;
    while (matcher.find()) {
      texts.add(matcher.group(1) != null ? matcher.group(1) : matcher.group(2));
      stray = stray.isPresent() ? stray : mark(prompt, from, matcher.start());
      from = matcher.end();
    }
    stray = stray.isPresent() ? stray : mark(prompt, from, prompt.length());
    return new QuotedTexts(List.copyOf(texts), stray);
  }

  /** Whether there is nothing to encode. */
  public boolean isEmpty() {
    return texts.isEmpty();
  }

  /** The texts as the encoder was trained to read them: {@code Text "Open". Text "Closed". }. */
  public String formatted() {
    return texts.stream().map(text -> "Text \"" + text + "\". ").collect(Collectors.joining());
  }

  /**
   * What to tell the user if a quotation mark has no other one.
   *
   * @param prompt what the texts were found in
   */
  public Optional<String> warning(String prompt) {
    return stray.isEmpty()
        ? Optional.empty()
        : Optional.of(
            "prompt: the quotation mark at "
                + new SourceText(prompt).place(stray.getAsInt())
                + " has no other one on its line; what follows it is not taken as quoted");
  }

  private static OptionalInt mark(String prompt, int from, int to) {
    for (int i = from; i < to; i++) {
      if (MARKS.indexOf(prompt.charAt(i)) >= 0) {
        return OptionalInt.of(i);
      }
    }
    return OptionalInt.empty();
  }
}
