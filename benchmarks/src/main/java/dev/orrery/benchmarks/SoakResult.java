package dev.orrery.benchmarks;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.orrery.runtime.checkpoint.JsonText;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToLongFunction;

/**
 * What came of playing for long.
 *
 * @param model its description
 * @param chunks how many were played
 * @param resumed how often the world was saved and resumed
 * @param differing chunks that a resumed world made otherwise than the one that was saved
 * @param memory again and again, once all windows are full
 * @param opened memory after one more world was opened and closed, and after many
 * @param milliseconds of chunks of the second half
 * @param others share of the processors that other programs had in the second half
 * @param remembered bytes that the world may keep of all its chunks
 * @param left threads, files and mappings that were not there before
 */
record SoakResult(
    String model,
    int chunks,
    int resumed,
    List<Integer> differing,
    List<MemoryInUse> memory,
    List<MemoryInUse> opened,
    List<Double> milliseconds,
    double others,
    long remembered,
    List<String> left) {
  /** What memory may grow by: the measurement itself moves it by less. */
  static final double GROWTH = 0.01;

  /** What 99 of 100 chunks may take, in medians. */
  static final double SLOWEST = 1.5;

  /**
   * Nobody sees that a chunk comes as many milliseconds late, and a garbage collection alone takes
   * several times as long as a chunk of a tiny model.
   */
  static final double UNSEEN_MILLISECONDS = 5;

  /** With more than this share of the processors for other programs, times say nothing. */
  static final double BUSY = 0.02;

  SoakResult leaving(List<String> found) {
    return new SoakResult(
        model, chunks, resumed, differing, memory, opened, milliseconds, others, remembered, found);
  }

  /** The rules that were broken, one line each. */
  List<String> broken() {
    List<String> broken = new ArrayList<>();
    differing.forEach(
        chunk -> broken.add("chunk " + chunk + " is another one in the world that was resumed"));
    grown("Java objects", memory, MemoryInUse::objects, remembered, broken);
    // A thread keeps the buffer through which it wrote what is remembered.
    grown("tensors", memory, MemoryInUse::tensors, remembered, broken);
    grown("the process", memory, MemoryInUse::rest, remembered, broken);
    grown("objects after worlds were closed", opened, MemoryInUse::objects, 0, broken);
    grown("tensors after worlds were closed", opened, MemoryInUse::tensors, 0, broken);
    left.forEach(it -> broken.add("left behind: " + it));
    Spread times = Spread.of(milliseconds, it -> it);
    double slowest = times.quantile(0.99);
    if (isTimed()
        && slowest > SLOWEST * times.median()
        && slowest > times.median() + UNSEEN_MILLISECONDS) {
      broken.add(
          String.format(
              Locale.ROOT,
              "1 of 100 chunks takes more than %.2f medians",
              slowest / times.median()));
    }
    return broken;
  }

  private static void grown(
      String what,
      List<MemoryInUse> measured,
      ToLongFunction<MemoryInUse> part,
      long more,
      List<String> broken) {
    if (measured.isEmpty()) {
      return;
    }
    Growth growth = Growth.of(measured, part);
    if (growth.last() > (1 + GROWTH) * growth.first() + more) {
      broken.add(
          String.format(
              Locale.ROOT,
              "%s: from %.3f to %.3f MB",
              what,
              growth.first() / 1e6,
              growth.last() / 1e6));
    }
  }

  /**
   * What became of a part of the memory, in bytes.
   *
   * @param first median of the first quarter of the measurements
   * @param last that of the last
   */
  record Growth(double first, double last) {
    static Growth of(List<MemoryInUse> measured, ToLongFunction<MemoryInUse> part) {
      int quarter = (measured.size() + 3) / 4;
      return new Growth(
          median(measured.subList(0, quarter), part),
          median(measured.subList(measured.size() - quarter, measured.size()), part));
    }

    private static double median(List<MemoryInUse> measured, ToLongFunction<MemoryInUse> part) {
      return Spread.of(measured, it -> part.applyAsLong(it)).median();
    }
  }

  /** Whether other programs let the times say something. */
  boolean isTimed() {
    return others <= BUSY;
  }

  String json() {
    Spread times = Spread.of(milliseconds, it -> it);
    return JsonText.of(
        out -> {
          out.writeStringField("model", model);
          out.writeNumberField("chunks", chunks);
          out.writeNumberField("resumed", resumed);
          out.writeNumberField("p50", times.median());
          out.writeNumberField("p99", times.quantile(0.99));
          out.writeNumberField("most", times.quantile(1));
          out.writeNumberField("others", others);
          write(out, "memory", memory);
          write(out, "opened", opened);
          out.writeArrayFieldStart("broken");
          for (String rule : broken()) {
            out.writeString(rule);
          }
          out.writeEndArray();
        });
  }

  private static void write(JsonGenerator out, String name, List<MemoryInUse> measured)
      throws IOException {
    out.writeArrayFieldStart(name);
    for (MemoryInUse memory : measured) {
      out.writeStartObject();
      out.writeNumberField("objects", memory.objects());
      out.writeNumberField("tensors", memory.tensors());
      out.writeNumberField("rest", memory.rest());
      out.writeNumberField("code", memory.code());
      out.writeEndObject();
    }
    out.writeEndArray();
  }
}
