package dev.orrery.benchmarks;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.orrery.runtime.checkpoint.JsonValue;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.ToDoubleFunction;
import java.util.stream.Stream;

/**
 * A case of a benchmark and what was measured of it.
 *
 * @param work of one call
 * @param samples one for each iteration, at least one
 */
record BenchCase(BenchId id, Work work, List<Sample> samples) {
  /**
   * What a call has to do at least, as code counts it.
   *
   * @param operations of floating point; 0 where nobody counts them
   * @param bytes read and written; 0 where nobody counts them
   */
  record Work(double operations, double bytes) {
    static final Work UNCOUNTED = new Work(0, 0);
  }

  /**
   * One iteration.
   *
   * @param milliseconds of a call
   * @param processorMilliseconds of a call, summed over threads
   * @param loopMilliseconds of {@link Calibration}'s loop beside it
   * @param loopProcessorMilliseconds of that loop, summed over threads
   * @param allocatedBytes Java objects that a call made
   * @param residentBytes of the process, settled after the iteration
   */
  record Sample(
      double milliseconds,
      double processorMilliseconds,
      double loopMilliseconds,
      double loopProcessorMilliseconds,
      double allocatedBytes,
      double residentBytes) {
    /** The time of a call in units of the loop beside it. */
    double loops() {
      return milliseconds / loopMilliseconds;
    }

    /** The processor time of a call in units of that of the loop beside it. */
    double processorLoops() {
      return processorMilliseconds / loopProcessorMilliseconds;
    }

    /** Processors that the loop got; fewer than its threads where other programs took them. */
    double processors() {
      return loopProcessorMilliseconds / loopMilliseconds;
    }
  }

  private static final MathContext DIGITS = new MathContext(6);

  /** How a number of all samples is called in files. */
  private static final Map<String, ToDoubleFunction<Sample>> NUMBERS =
      Map.of(
          "milliseconds", Sample::milliseconds,
          "processorMilliseconds", Sample::processorMilliseconds,
          "loopMilliseconds", Sample::loopMilliseconds,
          "loopProcessorMilliseconds", Sample::loopProcessorMilliseconds,
          "allocatedBytes", Sample::allocatedBytes,
          "residentBytes", Sample::residentBytes);

  /** What all samples say of a number. */
  Spread spread(ToDoubleFunction<Sample> number) {
    return Spread.of(samples, number);
  }

  /** This case with samples of the same that were taken later. */
  BenchCase with(BenchCase later) {
    return new BenchCase(
        id, work, Stream.concat(samples.stream(), later.samples.stream()).toList());
  }

  static BenchCase of(JsonValue stored) {
    int count = stored.numbers("milliseconds").length;
    if (count == 0) {
      throw stored.get("milliseconds").unexpected("at least one number");
    }
    double[] milliseconds = times(stored, "milliseconds", count);
    double[] processor = numbers(stored, "processorMilliseconds", count);
    double[] loop = times(stored, "loopMilliseconds", count);
    double[] loopProcessor = times(stored, "loopProcessorMilliseconds", count);
    double[] allocated = numbers(stored, "allocatedBytes", count);
    double[] resident = numbers(stored, "residentBytes", count);
    List<Sample> samples = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      samples.add(
          new Sample(
              milliseconds[i], processor[i], loop[i], loopProcessor[i], allocated[i], resident[i]));
    }
    Work work = new Work(stored.number("operations", 0), stored.number("bytes", 0));
    return new BenchCase(BenchId.of(stored), work, List.copyOf(samples));
  }

  private static double[] times(JsonValue stored, String key, int count) {
    double[] times = numbers(stored, key, count);
    for (double time : times) {
      if (!(time > 0)) {
        throw stored.get(key).unexpected("numbers above 0");
      }
    }
    return times;
  }

  private static double[] numbers(JsonValue stored, String key, int count) {
    double[] numbers = stored.numbers(key);
    if (numbers.length != count) {
      throw stored.get(key).unexpected(count + " numbers, as of milliseconds");
    }
    return numbers;
  }

  /** Writes this case as an object. */
  void writeTo(JsonGenerator out) throws IOException {
    out.writeStartObject();
    out.writeStringField("benchmark", id.benchmark());
    out.writeObjectFieldStart("parameters");
    for (Map.Entry<String, String> parameter : id.parameters().entrySet()) {
      out.writeStringField(parameter.getKey(), parameter.getValue());
    }
    out.writeEndObject();
    writeNumber(out, "operations", work.operations());
    writeNumber(out, "bytes", work.bytes());
    for (String name : NUMBERS.keySet().stream().sorted().toList()) {
      out.writeArrayFieldStart(name);
      for (Sample sample : samples) {
        out.writeNumber(text(NUMBERS.get(name).applyAsDouble(sample)));
      }
      out.writeEndArray();
    }
    out.writeEndObject();
  }

  private static void writeNumber(JsonGenerator out, String name, double value) throws IOException {
    if (value > 0) {
      out.writeFieldName(name);
      out.writeNumber(text(value));
    }
  }

  /** Six digits are more than any clock is good for. */
  private static String text(double value) {
    return new BigDecimal(value).round(DIGITS).stripTrailingZeros().toPlainString();
  }
}
