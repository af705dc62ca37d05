package dev.orrery.model.golden;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.runtime.trace.ActivationError;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * The tables of {@code docs/quantisation.md}, which hold what tests measure. Run with {@code
 * -Dquantisation.tables=write}, a test writes its table; otherwise it requires that the page tells
 * the same.
 */
public final class QuantizationPage {
  private static final Path PAGE =
      Path.of(System.getProperty("project.root"), "docs", "quantisation.md");

  /**
   * Vectors of another width add in another order, and a sum that is a last bit different may be
   * quantised to the next value; so a number may differ by this part of itself.
   */
  private static final double TOLERANCE = 0.2;

  private QuantizationPage() {}

  /**
   * Writes or checks a table.
   *
   * @param name what the page has in the comments around it
   * @param rows the title and the other rows
   */
  public static void check(String name, List<List<String>> rows) throws IOException {
    String page = Files.readString(PAGE);
    String begin = "<!-- measured: " + name + " -->\n";
    String end = "<!-- end -->\n";
    int from = page.indexOf(begin) + begin.length();
    assertTrue(from >= begin.length(), PAGE + " has no table " + name);
    int to = page.indexOf(end, from);
    if ("write".equals(System.getProperty("quantisation.tables"))) {
      Files.writeString(PAGE, page.substring(0, from) + markdown(rows) + page.substring(to));
      return;
    }
    List<List<String>> found =
        page.substring(from, to).lines().map(QuantizationPage::cells).collect(Collectors.toList());
    found.removeIf(row -> row.stream().allMatch(cell -> cell.matches("-+:?")));
    String problem = "table " + name + ", to be written with -Dquantisation.tables=write, ";
    assertEquals(rows.size(), found.size(), problem + "rows");
    for (int r = 0; r < rows.size(); r++) {
      List<String> expected = rows.get(r);
      assertEquals(expected.size(), found.get(r).size(), problem + "row " + r);
      for (int c = 0; c < expected.size(); c++) {
        assertTrue(
            same(expected.get(c), found.get(r).get(c)),
            problem + "expected " + expected + ", found " + found.get(r));
      }
    }
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

  private static boolean same(String expected, String found) {
    String number = "\\d+(\\.\\d+)?(e-\\d+)?( .*)?";
    if (!expected.matches(number) || !found.matches(number)) {
      return expected.equals(found);
    }
    double want = Double.parseDouble(expected.split(" ")[0]);
    double have = Double.parseDouble(found.split(" ")[0]);
    return Math.abs(want - have) <= TOLERANCE * want
        && expected.replaceFirst("^\\S+", "").equals(found.replaceFirst("^\\S+", ""));
  }

  private static List<String> cells(String row) {
    String[] cells = row.strip().replaceAll("^\\||\\|$", "").split("\\|");
    return Arrays.stream(cells).map(String::strip).toList();
  }

  private static String markdown(List<List<String>> rows) {
    StringBuilder text = new StringBuilder();
    List<List<String>> all = new ArrayList<>(rows);
    all.add(1, rows.getFirst().stream().map(cell -> "---").toList());
    for (List<String> row : all) {
      text.append("| ").append(String.join(" | ", row)).append(" |\n");
    }
    return text.toString();
  }
}
