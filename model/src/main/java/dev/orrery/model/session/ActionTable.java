package dev.orrery.model.session;

import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.JsonValue;
import dev.orrery.runtime.files.NotTextException;
import dev.orrery.runtime.files.TextFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Rows of numbers in a file of comma-separated values (CSV): a line for each video frame, without a
 * head. Lines without anything are passed over.
 */
final class ActionTable {
  private static final Pattern NUMBER =
      Pattern.compile("[+-]?(\\d++(\\.\\d*+)?|\\.\\d++)([eE][+-]?\\d{1,4})?");

  private ActionTable() {}

  /**
   * The rows as lists of numbers, which know their lines.
   *
   * @throws CheckpointException if the file cannot be read, is longer, or a cell is no finite
   *     number; it names the line, counted from 1
   */
  static List<JsonValue> read(Path file, long maxBytes, int maxRows) {
    List<JsonValue> rows = new ArrayList<>();
    String[] lines = lines(file, maxBytes);
    for (int i = 0; i < lines.length; i++) {
      if (!lines[i].isBlank()) {
        if (rows.size() == maxRows) {
          throw new CheckpointException(file.toString(), "expected at most " + maxRows + " rows");
        }
        rows.add(row(file + ": line " + (i + 1), lines[i]));
      }
    }
    return rows;
  }

  private static String[] lines(Path file, long maxBytes) {
    try {
      return TextFile.read(file, maxBytes).split("\n");
    } catch (NotTextException e) {
      throw new CheckpointException(file.toString(), e.getMessage(), e);
    } catch (IOException e) {
      throw CheckpointException.cannotRead(file, e);
    }
  }

  private static JsonValue row(String source, String line) {
    List<String> numbers = new ArrayList<>();
    for (String cell : line.split(",", -1)) {
      String number = cell.strip();
      double value = NUMBER.matcher(number).matches() ? Double.parseDouble(number) : Double.NaN;
      if (!Double.isFinite(value)) {
        String found = number.length() > 40 ? number.substring(0, 40) + "..." : number;
        throw new CheckpointException(
            source,
            "expected a finite number in column "
                + (numbers.size() + 1)
                + ", found "
                + (found.isEmpty() ? "nothing" : '"' + found + '"'));
      }
      // As JSON writes it, which has neither 1. nor +1.
      numbers.add(Double.toString(value));
    }
    return JsonValue.parse(source, numbers.toString().getBytes(StandardCharsets.UTF_8));
  }
}
