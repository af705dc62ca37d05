package dev.orrery.weights.report;

import dev.orrery.weights.report.CheckpointReport.Content;
import dev.orrery.weights.report.CheckpointReport.Total;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** A {@link CheckpointReport} as a table. */
final class ReportText {
  /**
   * Longest metadata value shown; configurations can be kilobytes and are in the JSON report in
   * full.
   */
  private static final int MAX_METADATA = 160;

  private final boolean everyTensor;
  private final StringBuilder text = new StringBuilder();

  ReportText(boolean everyTensor) {
    this.everyTensor = everyTensor;
  }

  String of(CheckpointReport report) {
    for (Content content : report.contents()) {
      write(content);
    }
    return withTotal(report);
  }

  /** A line for each checkpoint. */
  String summary(CheckpointReport report) {
    for (Content content : report.contents()) {
      line("%s: %s", content.path(), total(Total.of(content.tensors())));
    }
    return withTotal(report);
  }

  private String withTotal(CheckpointReport report) {
    if (report.contents().size() > 1) {
      line(
          "%s: %d checkpoints, %s", report.path(), report.contents().size(), total(report.total()));
    }
    return text.toString();
  }

  private void write(Content content) {
    line("%s", content.path());
    content
        .metadata()
        .forEach((key, value) -> line("  %s = %s", printable(key), shortened(printable(value))));
    List<TensorGroup> groups =
        everyTensor
            ? content.tensors().stream().map(TensorGroup::of).toList()
            : TensorGroup.of(content.tensors());
    int nameWidth = width(groups.stream().map(group -> printable(group.name())), "tensor");
    int shapeWidth = width(groups.stream().map(group -> group.shape().toString()), "shape");
    int typeWidth = Math.max(7, width(groups.stream().map(group -> group.type().name()), "dtype"));
    String row = "  %-" + nameWidth + "s  %-" + typeWidth + "s  %-" + shapeWidth + "s  %6s  %10s";
    line(row, "tensor", "dtype", "shape", "count", "size");
    for (TensorGroup group : groups) {
      String count = group.count() == 1 ? "" : "x" + group.count();
      line(row, printable(group.name()), group.type(), group.shape(), count, size(group.bytes()));
    }
    var byType = CheckpointReport.byType(content);
    if (byType.size() > 1) {
      byType.forEach((type, total) -> line("  %s: %s", type, total(total)));
    }
    line("  %s", total(Total.of(content.tensors())));
    line("");
  }

  private static int width(Stream<String> cells, String title) {
    return Math.max(title.length(), cells.mapToInt(String::length).max().orElse(0));
  }

  private static String total(Total total) {
    return String.format(
        Locale.ROOT,
        "%,d tensors, %,d parameters, %,d bytes (%s)",
        total.tensors(),
        total.parameters(),
        total.bytes(),
        size(total.bytes()));
  }

  /** Bytes in the largest binary unit that gives a number of at least 1. */
  static String size(long bytes) {
    if (bytes < 1024) {
      return bytes + " B";
    }
    String units = "KMGTPE";
    int unit = (63 - Long.numberOfLeadingZeros(bytes)) / 10;
    return String.format(
        Locale.ROOT, "%.1f %ciB", bytes / Math.pow(1024, unit), units.charAt(unit - 1));
  }

  /** Names come from the file; control characters would reach the terminal. */
  private static String printable(String name) {
    return name.replaceAll("\\p{Cntrl}", "?");
  }

  private static String shortened(String value) {
    return value.length() <= MAX_METADATA ? value : value.substring(0, MAX_METADATA) + "...";
  }

  private void line(String format, Object... cells) {
    text.append(String.format(Locale.ROOT, format, cells).stripTrailing()).append('\n');
  }
}
