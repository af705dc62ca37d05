package dev.orrery.model.golden;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A page of the documentation with tables of what tests measure. Where the property is {@code
 * write}, a test writes its table; otherwise it requires that the page tells the same.
 *
 * @param page path below {@code docs}
 * @param property name of the property
 * @param tolerance the part of itself by which a number may differ
 */
public record MeasuredPage(String page, String property, double tolerance) {
  /**
   * Writes or checks a table.
   *
   * @param name what the page has in the comments around it
   * @param rows the title and the other rows
   */
  public void check(String name, List<List<String>> rows) throws IOException {
    Path file = Path.of(System.getProperty("project.root"), "docs").resolve(page);
    String text = Files.readString(file);
    String begin = "<!-- measured: " + name + " -->\n";
    String end = "<!-- end -->\n";
    int from = text.indexOf(begin) + begin.length();
    assertTrue(from >= begin.length(), file + " has no table " + name);
    int to = text.indexOf(end, from);
    if ("write".equals(System.getProperty(property))) {
      Files.writeString(file, text.substring(0, from) + markdown(rows) + text.substring(to));
      return;
    }
    List<List<String>> found =
        text.substring(from, to).lines().map(MeasuredPage::cells).collect(Collectors.toList());
    found.removeIf(row -> row.stream().allMatch(cell -> cell.matches("-+:?")));
    String problem = "table " + name + ", to be written with -D" + property + "=write, ";
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

  private boolean same(String expected, String found) {
    String number = "\\d+(\\.\\d+)?(e-\\d+)?( .*)?";
    if (!expected.matches(number) || !found.matches(number)) {
      return expected.equals(found);
    }
    double want = Double.parseDouble(expected.split(" ")[0]);
    double have = Double.parseDouble(found.split(" ")[0]);
    return Math.abs(want - have) <= tolerance * want
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
