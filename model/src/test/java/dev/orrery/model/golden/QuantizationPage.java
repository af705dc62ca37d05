package dev.orrery.model.golden;

import dev.orrery.runtime.trace.ActivationError;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The tables of {@code docs/quantisation.md}, which hold what tests measure. Run with {@code
 * -Dquantisation.tables=write}, a test writes its table; otherwise it requires that the page tells
 * the same.
 */
public final class QuantizationPage {
  /**
   * Vectors of another width add in another order, and a sum that is a last bit different may be
   * quantised to the next value; so a number may differ by this part of itself.
   */
  private static final double TOLERANCE = 0.2;

  private static final MeasuredPage PAGE =
      new MeasuredPage("quantisation.md", "quantisation.tables", TOLERANCE);

  private QuantizationPage() {}

  /**
   * Writes or checks a table.
   *
   * @param name what the page has in the comments around it
   * @param rows the title and the other rows
   */
  public static void check(String name, List<List<String>> rows) throws IOException {
    PAGE.check(name, rows);
  }

  /**
   * Adds a row with the errors of the first pass of a network, whose activations are named {@code
   * 0.block3.out} and last {@code 0.velocity}; and the title before it.
   */
  public static void addErrors(
      List<List<String>> rows,
      String form,
      Map<String, float[]> expected,
      Map<String, float[]> found) {
    List<ActivationError> errors =
        ActivationError.between(expected, found, name -> name.startsWith("0."));
    if (rows.isEmpty()) {
      List<String> title = new ArrayList<>(List.of("Form"));
      errors.forEach(error -> title.add(error.name().substring(2)));
      title.add("1 - cosine of the velocity");
      rows.add(title);
    }
    List<String> row = new ArrayList<>(List.of(form));
    errors.forEach(
        error -> row.add(String.format(Locale.ROOT, "%.2f %%", 100 * error.relativeL2())));
    row.add(String.format(Locale.ROOT, "%.1e", 1 - errors.getLast().cosine()));
    rows.add(row);
  }
}
