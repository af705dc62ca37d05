package dev.orrery.model.qwen;

import java.util.Arrays;
import java.util.Optional;

/**
 * A prompt as a message in a conversation: the form in which the text encoder reads it. What stands
 * before the prompt is read with it and its rows are thrown away, a fixed number of them; what
 * stands behind it stays.
 */
public final class ChatTemplate {
  /** The most tokens behind what stands before the prompt. */
  public static final int TOKENS = 1000;

  private static final String END = "<|im_end|>\n<|im_start|>assistant\n";

  private final BpeTokenizer tokenizer;
  private final String before;
  private final int start;

  /**
   * @param system the instruction, see {@link SystemPrompt}
   */
  public ChatTemplate(BpeTokenizer tokenizer, String system) {
    this.tokenizer = tokenizer;
    before = "<|im_start|>system\n" + system + "<|im_end|>\n<|im_start|>user\n";
    start = tokenizer.tokenize(before).length;
  }

  /** Every token is below this number. */
  public int vocabulary() {
    return tokenizer.vocabulary();
  }

  /** Tokens before a prompt. A prompt that starts with line ends changes the last of them. */
  public int start() {
    return start;
  }

  /**
   * The tokens of a prompt with all that stands around it.
   *
   * @param ids those that fit
   * @param dropped tokens of the prompt that do not
   */
  public record Message(int[] ids, int dropped) {
    /**
     * What to tell the user if the prompt was too long.
     *
     * @param what the prompt is
     */
    public Optional<String> warning(String what) {
      return dropped == 0
          ? Optional.empty()
          : Optional.of(
              what
                  + ": the last "
                  + dropped
                  + " of "
                  + (TOKENS + dropped)
                  + " tokens are ignored, at most "
                  + TOKENS
                  + " are read");
    }
  }

  /** The message of a prompt; that of none is a blank. */
  public Message message(String prompt) {
    int[] ids = tokenizer.tokenize(before + (prompt.isEmpty() ? " " : prompt) + END);
    int limit = start + TOKENS;
    int ofEnd = tokenizer.tokenize(END).length;
    return new Message(
        Arrays.copyOf(ids, Math.min(ids.length, limit)), Math.max(0, ids.length - ofEnd - limit));
  }
}
