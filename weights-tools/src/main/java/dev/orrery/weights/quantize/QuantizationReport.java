package dev.orrery.weights.quantize;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.orrery.model.session.SessionComparison;
import dev.orrery.runtime.checkpoint.JsonText;
import dev.orrery.runtime.trace.ActivationError;
import dev.orrery.weights.report.CheckpointReport;
import java.io.IOException;
import java.util.List;
import java.util.Locale;

/**
 * What quantising changed.
 *
 * @param settings how it was done, in words
 * @param tensors what was quantised
 * @param comparisons how the model plays beside the one it was made from; empty if that was not
 *     compared
 */
public record QuantizationReport(
    String settings, List<QuantizedTensor> tensors, List<SessionComparison> comparisons) {
  /** Copies the lists. */
  public QuantizationReport {
    tensors = List.copyOf(tensors);
    comparisons = List.copyOf(comparisons);
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
    comparisons.forEach(comparison -> append(text, comparison));
    return text.toString().replace(System.lineSeparator(), "\n");
  }

  private static void append(StringBuilder text, SessionComparison comparison) {
    text.append(
        String.format(
            Locale.ROOT,
            "%nchunk %d of the video, frames at %.2f dB%n%-16s  %12s  %12s%n",
            comparison.chunk(),
            comparison.decibels(),
            "layer",
            "relative L2",
            "1 - cosine"));
    for (ActivationError layer : comparison.layers()) {
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
    return JsonText.of(
        out -> {
          out.writeStringField("settings", settings);
          out.writeNumberField("bytes_before", bytesBefore());
          out.writeNumberField("bytes", bytes());
          out.writeArrayFieldStart("tensors");
          for (QuantizedTensor tensor : tensors) {
            write(out, tensor);
          }
          out.writeEndArray();
          out.writeArrayFieldStart("video_blocks");
          for (SessionComparison comparison : comparisons) {
            write(out, comparison);
          }
          out.writeEndArray();
        });
  }

  private static void write(JsonGenerator out, QuantizedTensor tensor) throws IOException {
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

  private static void write(JsonGenerator out, SessionComparison comparison) throws IOException {
    out.writeStartObject();
    out.writeNumberField("chunk", comparison.chunk());
    // Equal frames have an infinite ratio, which JSON has no number for.
    if (Double.isFinite(comparison.decibels())) {
      out.writeNumberField("psnr", comparison.decibels());
    } else {
      out.writeNullField("psnr");
    }
    out.writeArrayFieldStart("layers");
    for (ActivationError layer : comparison.layers()) {
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
