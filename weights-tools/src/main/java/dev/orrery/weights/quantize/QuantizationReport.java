package dev.orrery.weights.quantize;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.orrery.model.session.SessionComparison;
import dev.orrery.runtime.trace.ActivationError;
import dev.orrery.weights.CheckpointReport;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Locale;

/**
 * What quantising changed.
 *
 * @param settings how it was done, in words
 * @param tensors what was quantised
 * @param drifts how the model plays beside the one it was made from; empty if that was not compared
 */
public record QuantizationReport(
    String settings, List<QuantizedTensor> tensors, List<SessionComparison> drifts) {
  /** Copies the lists. */
  public QuantizationReport {
    tensors = List.copyOf(tensors);
    drifts = List.copyOf(drifts);
  }

  /** A table with a line for each tensor. */
  public String text() {
    StringBuilder text = new StringBuilder();
    int width =
        Math.max(6, tensors.stream().mapToInt(t -> t.before().name().length()).max().orElse(0));
    String title = "%-" + width + "s  %-15s  %12s  %12s%n";
    text.append(String.format(Locale.ROOT, title, "tensor", "shape", "relative L2", "largest"));
    String row = "%-" + width + "s  %-15s  %11.3f%%  %12.3g%n";
    for (QuantizedTensor tensor : tensors) {
      text.append(
          String.format(
              Locale.ROOT,
              row,
              tensor.before().name().replaceAll("\\p{Cntrl}", "?"),
              tensor.before().shape(),
              100 * tensor.error().relativeL2(),
              tensor.error().largest()));
    }
    text.append(
        String.format(
            Locale.ROOT,
            "%s: %d matrices, %s instead of %s%n",
            settings,
            tensors.size(),
            CheckpointReport.size(bytes()),
            CheckpointReport.size(bytesBefore())));
    drifts.forEach(drift -> append(text, drift));
    return text.toString().replace(System.lineSeparator(), "\n");
  }

  private static void append(StringBuilder text, SessionComparison drift) {
    text.append(
        String.format(
            Locale.ROOT,
            "%nchunk %d of the video, frames at %.2f dB%n%-16s  %12s  %12s%n",
            drift.chunk(),
            drift.decibels(),
            "layer",
            "relative L2",
            "1 - cosine"));
    for (ActivationError layer : drift.layers()) {
      text.append(
          String.format(
              Locale.ROOT,
              "%-16s  %11.3f%%  %12.3g%n",
              layer.name(),
              100 * layer.relativeL2(),
              1 - layer.cosine()));
    }
  }

  /** The same for programs. */
  public String json() {
    StringWriter text = new StringWriter();
    try (JsonGenerator out = new JsonFactory().createGenerator(text)) {
      out.useDefaultPrettyPrinter();
      out.writeStartObject();
      out.writeStringField("settings", settings);
      out.writeNumberField("bytes_before", bytesBefore());
      out.writeNumberField("bytes", bytes());
      out.writeArrayFieldStart("tensors");
      for (QuantizedTensor tensor : tensors) {
        long[] extents = tensor.before().shape().extents();
        out.writeStartObject();
        out.writeStringField("name", tensor.before().name());
        out.writeFieldName("shape");
        out.writeArray(extents, 0, extents.length);
        out.writeNumberField("bytes", tensor.bytes());
        out.writeNumberField("relative_l2", tensor.error().relativeL2());
        out.writeNumberField("largest", tensor.error().largest());
        out.writeEndObject();
      }
      out.writeEndArray();
      out.writeArrayFieldStart("video_blocks");
      for (SessionComparison drift : drifts) {
        write(out, drift);
      }
      out.writeEndArray();
      out.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }

  private static void write(JsonGenerator out, SessionComparison drift) throws IOException {
    out.writeStartObject();
    out.writeNumberField("chunk", drift.chunk());
    // Equal frames have an infinite ratio, which JSON has no number for.
    if (Double.isFinite(drift.decibels())) {
      out.writeNumberField("psnr", drift.decibels());
    } else {
      out.writeNullField("psnr");
    }
    out.writeArrayFieldStart("layers");
    for (ActivationError layer : drift.layers()) {
      out.writeStartObject();
      out.writeStringField("name", layer.name());
      out.writeNumberField("relative_l2", layer.relativeL2());
      out.writeNumberField("cosine", layer.cosine());
      out.writeEndObject();
    }
    out.writeEndArray();
    out.writeEndObject();
  }

  private long bytes() {
    return tensors.stream().mapToLong(QuantizedTensor::bytes).sum();
  }

  private long bytesBefore() {
    return tensors.stream().mapToLong(tensor -> tensor.before().byteSize()).sum();
  }
}
