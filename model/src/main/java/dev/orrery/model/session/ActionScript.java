package dev.orrery.model.session;

import dev.orrery.model.text.SourceText;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * A text that says what is held, video frame after video frame: {@code w*12 w+l*24 q*8}.
 *
 * <p>Entries stand between blanks, commas or line ends. An entry names what is held together,
 * joined by {@code +}, and after {@code *} for how many video frames; without a number it lasts
 * {@value #DEFAULT_FRAMES}. Each of its words is a choice, a key or a switch of the model's {@link
 * ActionSpace}, looked for in this order, or the value of an axis, a decimal number: {@code
 * w+space*12}, {@code w+yaw=-0.25*6}. A key that moves an axis adds to its value; opposites undo
 * each other. Upper and lower case mean the same. {@code #} begins a comment that goes to the end
 * of the line. After the end of the script its last entry stays held.
 */
public final class ActionScript {
  /** Frames of an entry without a number: what a chunk of the models here has. */
  private static final int DEFAULT_FRAMES = 12;

  private static final Pattern NUMBER = Pattern.compile("[+-]?(\\d++(\\.\\d*+)?|\\.\\d++)");

  private static final int MAX_TEXT = 1_000_000;
  private static final int MAX_ENTRY_FRAMES = 1_000_000;
  private static final int MAX_FRAMES = 100_000_000;

  private final List<Entry> entries;

  private ActionScript(List<Entry> entries) {
    this.entries = entries;
  }

  /** An action that is held until, and not including, the video frame {@code end}. */
  private record Entry(Action action, int end) {}

  /**
   * Reads a script.
   *
   * @param text at most a million characters with at least one entry; an entry lasts at most a
   *     million frames, all together a hundred million
   * @param controls of the model that will act
   * @throws ActionSyntaxException naming line and column, if the text is not such a script, or
   *     names what the model does not have or what cannot be held together, or an axis leaves its
   *     range; also if the model takes no actions
   */
  public static ActionScript parse(String text, Controls controls) {
    ActionSyntaxException.refuseIfNone(controls.space());
    if (text.length() > MAX_TEXT) {
      throw new ActionSyntaxException(
          String.format(
              Locale.ROOT, "actions: longer than %d characters: %d", MAX_TEXT, text.length()));
    }
    return new ActionScript(new Parser(text, controls).entries());
  }

  /** Video frames from the beginning to the end of the last entry. */
  public int frames() {
    return entries.getLast().end();
  }

  /**
   * What is held during a video frame.
   *
   * @param frame from 0; may lie behind the end of the script
   */
  public Action at(int frame) {
    if (frame < 0) {
      throw new IllegalArgumentException("frame: expected 0 or more, found " + frame);
    }
    Entry wanted = new Entry(null, frame);
    int found =
        Collections.binarySearch(entries, wanted, (entry, key) -> entry.end() > key.end() ? 1 : -1);
    // Never equal, so the answer is always where the first entry that ends later stands.
    int first = -found - 1;
    return entries.get(Math.min(first, entries.size() - 1)).action();
  }

  /** Reads from the left to the right, one character ahead. */
  private static final class Parser {
    private final SourceText source;
    private final String text;
    private final Controls controls;
    private int at;

    Parser(String text, Controls controls) {
      this.source = new SourceText(text);
      this.text = text;
      this.controls = controls;
    }

    List<Entry> entries() {
      List<Entry> entries = new ArrayList<>();
      long end = 0;
      skipBetween();
      while (at < text.length()) {
        int start = at;
        Action action = action();
        end += frames();
        if (end > MAX_FRAMES) {
          throw error(String.format(Locale.ROOT, "more than %d frames in all", MAX_FRAMES), start);
        }
        entries.add(new Entry(action, (int) end));
        if (at < text.length() && !isBetween(text.charAt(at))) {
          throw error("expected a blank or *, found " + source.quoted(at), at);
        }
        skipBetween();
      }
      if (entries.isEmpty()) {
        throw error(
            String.format(
                Locale.ROOT, "no entry found; an entry looks like %s*12", controls.example()),
            at);
      }
      return List.copyOf(entries);
    }

    private Action action() {
      int start = at;
      Set<String> named = new HashSet<>();
      ActionInput input = ActionInput.NONE;
      do {
        int from = at;
        String word = word();
        boolean axis = accept('=');
        ActionInput part = axis ? moved(word, from) : held(word, from);
        if (!named.add(word.toLowerCase(Locale.ROOT))) {
          String what = (axis ? "axis " : "key ") + SourceText.quoted(word);
          throw error(what + " is named twice", from);
        }
        try {
          input = input.and(part);
        } catch (IllegalArgumentException e) {
          throw error(text.substring(start, at) + ": " + e.getMessage(), start);
        }
      } while (accept('+'));
      try {
        return controls.space().action(input);
      } catch (IllegalArgumentException e) {
        throw error(text.substring(start, at) + ": " + e.getMessage(), start);
      }
    }

    private String word() {
      int start = at;
      while (at < text.length() && isOfWord(text.charAt(at))) {
        at++;
      }
      if (at > start) {
        return text.substring(start, at);
      }
      if (at == text.length() || isBetween(text.charAt(at))) {
        throw error("expected a key after +", at);
      }
      throw error("unknown key " + source.quoted(at), at, "; " + controls.known());
    }

    private ActionInput held(String word, int from) {
      Optional<ActionInput> effect = controls.effect(word);
      if (effect.isPresent()) {
        return effect.get();
      }
      Optional<ActionSpace.Axis> axis = controls.axis(word);
      if (axis.isPresent()) {
        throw error("expected = and " + axis.get().range() + " after " + word, at);
      }
      if (word.length() > 1 && controls.areKeys(word)) {
        throw error("expected a blank or *, found " + source.quoted(from + 1), from + 1);
      }
      throw error("unknown key " + SourceText.quoted(word), from, "; " + controls.known());
    }

    private ActionInput moved(String word, int from) {
      Optional<ActionSpace.Axis> found = controls.axis(word);
      if (found.isEmpty()) {
        throw error("unknown axis " + SourceText.quoted(word), from, "; " + controls.knownAxes());
      }
      ActionSpace.Axis axis = found.get();
      int start = at;
      while (at < text.length() && isOfNumber(text.charAt(at), at == start)) {
        at++;
      }
      String number = text.substring(start, at);
      double value = NUMBER.matcher(number).matches() ? Double.parseDouble(number) : Double.NaN;
      if (!(value >= axis.low() && value <= axis.high())) {
        String shown = number.isEmpty() ? "nothing" : SourceText.quoted(number);
        throw error(axis.name() + ": expected " + axis.range() + ", found " + shown, start);
      }
      return ActionInput.axis(axis.name(), value);
    }

    private int frames() {
      if (!accept('*')) {
        return DEFAULT_FRAMES;
      }
      int start = at;
      long count = 0;
      while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
        count = Math.min(10 * count + text.charAt(at) - '0', MAX_ENTRY_FRAMES + 1L);
        at++;
      }
      if (at == start) {
        throw error("expected a number of frames after *", at);
      }
      if (count < 1 || count > MAX_ENTRY_FRAMES) {
        throw error(String.format(Locale.ROOT, "expected 1 to %d frames", MAX_ENTRY_FRAMES), start);
      }
      return (int) count;
    }

    private boolean accept(char wanted) {
      if (at < text.length() && text.charAt(at) == wanted) {
        at++;
        return true;
      }
      return false;
    }

    private void skipBetween() {
      boolean comment = false;
      while (at < text.length()) {
        char next = text.charAt(at);
        comment = (comment || next == '#') && next != '\n' && next != '\r';
        if (!comment && !isBetween(next)) {
          return;
        }
        at++;
      }
    }

    private static boolean isBetween(char c) {
      return c == ',' || c == '#' || Character.isWhitespace(c);
    }

    private static boolean isOfWord(char c) {
      return Character.isLetterOrDigit(c) || c == '.' || c == '-' || c == '_';
    }

    private static boolean isOfNumber(char c, boolean first) {
      return c != '*' && !isBetween(c) && (first || c != '+');
    }

    private ActionSyntaxException error(String what, int position) {
      return error(what, position, "");
    }

    private ActionSyntaxException error(String what, int position, String hint) {
      return new ActionSyntaxException(
          String.format(Locale.ROOT, "actions: %s at %s%s", what, source.place(position), hint));
    }
  }
}
