package dev.orrery.model.camera;

import dev.orrery.model.text.SourceText;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A text that says how a camera moves: {@code w-31, right-10, d-4}.
 *
 * <p>Commands stand between commas; blanks and line ends around them do not matter, and empty ones
 * are skipped. A command is one of the words of {@link CameraMove}, in lower case, and after {@code
 * -} for how many latent frames it is repeated. A fraction of that number is dropped, so {@code
 * right-0.5} does nothing. The first camera precedes all moves: {@code w-31} gives 32 poses.
 *
 * <p>Source: {@code pose_string_to_json} of HY-WorldPlay. Here a number must be finite, and the
 * path has an upper limit.
 */
public final class PoseString {
  private static final int MAX_TEXT = 1_000_000;

  /** Decimal numbers without a sign. Only ASCII digits. */
  private static final Pattern NUMBER =
      Pattern.compile("(?:[0-9]+\\.?[0-9]*|\\.[0-9]+)(?:[eE]\\+?[0-9]+)?");

  private PoseString() {}

  /**
   * Reads a pose string.
   *
   * @return one move for each latent frame after the first
   * @throws InvalidCameraException naming line and column, if the text is not a pose string; also
   *     if it has more than a million characters, or gives a path of more than {@link
   *     CameraPath#MAX_FRAMES} poses
   */
  public static List<CameraMove> parse(String text) {
    if (text.length() > MAX_TEXT) {
      throw new InvalidCameraException(
          String.format(
              Locale.ROOT, "camera: longer than %d characters: %d", MAX_TEXT, text.length()));
    }
    SourceText source = new SourceText(text);
    List<CameraMove> moves = new ArrayList<>();
    int end = -1;
    while (end < text.length()) {
      int start = end + 1;
      end = text.indexOf(',', start);
      end = end < 0 ? text.length() : end;
      append(source, start, end, moves);
    }
    return List.copyOf(moves);
  }

  private static void append(SourceText source, int from, int to, List<CameraMove> moves) {
    int start = from;
    while (start < to && Character.isWhitespace(source.text().charAt(start))) {
      start++;
    }
    String command = source.text().substring(start, to).strip();
    if (command.isEmpty()) {
      return;
    }
    String[] parts = command.split("-", -1);
    if (parts.length != 2) {
      throw error(
          source,
          "expected a move and a number such as w-31, found " + SourceText.quoted(command),
          start);
    }
    Optional<CameraMove> move = CameraMove.find(parts[0]);
    if (move.isEmpty()) {
      throw error(
          source,
          "unknown move " + SourceText.quoted(parts[0]),
          start,
          "; moves are " + CameraMove.words());
    }
    int numberStart = start + parts[0].length() + 1;
    String number = parts[1].strip();
    if (!NUMBER.matcher(number).matches()) {
      throw error(
          source,
          "expected a number of latent frames, found " + SourceText.quoted(number),
          numberStart);
    }
    double count = Math.floor(Double.parseDouble(number));
    if (count > CameraPath.MAX_FRAMES - 1 - moves.size()) {
      throw error(
          source,
          String.format(Locale.ROOT, "more than %d poses in all", CameraPath.MAX_FRAMES),
          numberStart);
    }
    moves.addAll(Collections.nCopies((int) count, move.get()));
  }

  private static InvalidCameraException error(SourceText source, String what, int position) {
    return error(source, what, position, "");
  }

  private static InvalidCameraException error(
      SourceText source, String what, int position, String hint) {
    return new InvalidCameraException(
        String.format(Locale.ROOT, "camera: %s at %s%s", what, source.place(position), hint));
  }
}
