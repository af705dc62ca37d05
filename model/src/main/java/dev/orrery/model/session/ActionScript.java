package dev.orrery.model.session;

import dev.orrery.model.text.SourceText;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A text that says which keys are held, video frame after video frame: {@code w*12 w+l*24 q*8}.
 *
 * <p>Entries stand between blanks, commas or line ends. An entry names the keys that are held
 * together, joined by {@code +}, and after {@code *} for how many video frames; without a number it
 * lasts {@value #DEFAULT_FRAMES}. Upper and lower case mean the same. {@code #} begins a comment
 * that goes to the end of the line. After the end of the script its last entry stays held.
 */
public final class ActionScript {
  /** Frames of an entry without a number: what a chunk of the models here has. */
  private static final int DEFAULT_FRAMES = 12;

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
   * @param controls the keys of the model that will act
   * @throws ActionSyntaxException naming line and column, if the text is not such a script, or
   *     names keys that the model does not have or that cannot be held together; also if the model
   *     has no keys
   */
  public static ActionScript parse(String text, Controls controls) {
    if (controls.keys().isEmpty()) {
      throw new ActionSyntaxException("actions: the model goes on by itself and takes none");
    }
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
            String.format(Locale.ROOT, "no entry found; an entry looks like %s*12", firstKey()),
            at);
      }
      return List.copyOf(entries);
    }

    private Action action() {
      int start = at;
      Set<Character> held = new LinkedHashSet<>();
      do {
        if (!held.add(key())) {
          throw error("key " + source.quoted(at) + " is named twice", at);
        }
        at++;
      } while (accept('+'));
      try {
        return controls.action(held);
      } catch (IllegalArgumentException e) {
        throw error(text.substring(start, at) + ": " + e.getMessage(), start);
      }
    }

    private char key() {
      if (at == text.length() || isBetween(text.charAt(at))) {
        throw error("expected a key after +", at);
      }
      char key = Character.toLowerCase(text.charAt(at));
      Map<Character, String> keys = controls.keys();
      if (!keys.containsKey(key)) {
        String known =
            keys.entrySet().stream()
                .map(entry -> entry.getKey() + " " + entry.getValue())
                .collect(Collectors.joining(", "));
        throw error("unknown key " + source.quoted(at), at, "; keys are " + known);
      }
      return key;
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

    private char firstKey() {
      return controls.keys().keySet().iterator().next();
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
