import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import javax.xml.stream.XMLInputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamReader;

/**
 * Prints the time of tests by module and the slowest classes, from the reports that a build has
 * left: {@code TestTimes <root of the checkout> <start of the build in seconds>}. Reports that are
 * older than the build belong to modules that it did not test, and are left out.
 */
final class TestTimes {
  private static final int SLOWEST = 10;

  /** What the report of a class says. */
  private record Report(String module, String name, double seconds, int tests, int skipped) {}

  private TestTimes() {}

  public static void main(String[] args) throws IOException, XMLStreamException {
    Path root = Path.of(args[0]);
    long start = 1000 * Long.parseLong(args[1]);
    List<Report> reports = new ArrayList<>();
    try (Stream<Path> modules = Files.list(root)) {
      for (Path module : modules.sorted().toList()) {
        Path folder = module.resolve("target/surefire-reports");
        if (Files.isDirectory(folder)) {
          reports.addAll(reports(module.getFileName().toString(), folder, start));
        }
      }
    }
    print(reports);
  }

  private static List<Report> reports(String module, Path folder, long start)
      throws IOException, XMLStreamException {
    List<Report> reports = new ArrayList<>();
    try (Stream<Path> files = Files.list(folder)) {
      for (Path file : files.sorted().toList()) {
        String name = file.getFileName().toString();
        if (name.startsWith("TEST-")
            && name.endsWith(".xml")
            && Files.getLastModifiedTime(file).toMillis() >= start) {
          reports.add(read(module, file));
        }
      }
    }
    return reports;
  }

  private static Report read(String module, Path file) throws IOException, XMLStreamException {
    try (InputStream in = Files.newInputStream(file)) {
      XMLStreamReader xml = XMLInputFactory.newDefaultFactory().createXMLStreamReader(in);
      xml.nextTag();
      return new Report(
          module,
          xml.getAttributeValue(null, "name"),
          // Surefire writes 1,234.5 for long ones.
          Double.parseDouble(xml.getAttributeValue(null, "time").replace(",", "")),
          Integer.parseInt(xml.getAttributeValue(null, "tests")),
          Integer.parseInt(xml.getAttributeValue(null, "skipped")));
    }
  }

  private static void print(List<Report> reports) {
    if (reports.isEmpty()) {
      return;
    }
    Map<String, List<Report>> modules = new TreeMap<>();
    reports.forEach(
        report -> modules.computeIfAbsent(report.module(), m -> new ArrayList<>()).add(report));
    System.out.println("\nTime of tests, minutes:");
    modules.forEach(TestTimes::printSum);
    printSum("all", reports);
    System.out.println("\nSlowest classes, seconds:");
    reports.stream()
        .sorted(Comparator.comparingDouble(Report::seconds).reversed())
        .limit(SLOWEST)
        .forEach(
            report ->
                System.out.printf(Locale.ROOT, "%7.1f  %s%n", report.seconds(), report.name()));
  }

  private static void printSum(String what, List<Report> reports) {
    long seconds = Math.round(reports.stream().mapToDouble(Report::seconds).sum());
    System.out.printf(
        Locale.ROOT,
        "%4d:%02d  %-14s %5d tests in %d classes, %d skipped%n",
        seconds / 60,
        seconds % 60,
        what,
        reports.stream().mapToInt(Report::tests).sum(),
        reports.size(),
        reports.stream().mapToInt(Report::skipped).sum());
  }
}
