package dev.orrery.weights.report;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.orrery.model.session.ModelIdentity;
import dev.orrery.model.session.SavedSession;
import dev.orrery.model.session.SessionDescription;
import dev.orrery.runtime.checkpoint.CheckpointException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;

/**
 * What a saved session is, from its header alone: it is described as it says itself, and checked
 * against its model only when it goes on.
 *
 * @param session what the file says
 */
public record SavedSessionReport(SessionDescription session) {
  /**
   * Reads the description of a saved session.
   *
   * @throws CheckpointException if it cannot be read or is none
   */
  public static SavedSessionReport of(Path file) {
    try (SavedSession saved = SavedSession.open(file)) {
      return new SavedSessionReport(saved.description());
    }
  }

  /**
   * Some lines for people.
   *
   * @param content of the file
   */
  public String text(CheckpointReport.Total content) {
    ModelIdentity model = session.model();
    SessionDescription.Host host = session.host();
    StringBuilder text = new StringBuilder("Saved session of ").append(model.description());
    text.append('\n');
    row(text, "family", model.family());
    row(
        text,
        "made",
        String.format(
            Locale.ROOT,
            "%d chunks, %d frames, %.2f s",
            session.chunk(),
            session.frames(),
            seconds()));
    row(text, "seed", Long.toString(session.seed()));
    row(text, "steps", Integer.toString(model.steps()));
    row(text, "decoder", model.decoder().id());
    row(text, "video", model.width() + "x" + model.height());
    row(
        text,
        "made on",
        String.format(
            Locale.ROOT,
            "%s (%s), transformer in %s, autoencoder in %s",
            host.backend(),
            host.machine(),
            host.precision().transformer(),
            host.precision().autoencoder()));
    row(text, "size", ReportText.size(content.bytes()) + " in " + content.tensors() + " tensors");
    return text.toString();
  }

  private double seconds() {
    return (double) session.frames() / session.model().framesPerSecond();
  }

  private static void row(StringBuilder text, String name, String value) {
    text.append(String.format(Locale.ROOT, "  %-12s %s\n", name, value));
  }

  /** Writes an object of the same. */
  void writeTo(JsonGenerator out, String name) throws IOException {
    ModelIdentity model = session.model();
    out.writeObjectFieldStart(name);
    out.writeStringField("family", model.family());
    out.writeStringField("model", model.description());
    out.writeNumberField("width", model.width());
    out.writeNumberField("height", model.height());
    out.writeNumberField("frames_per_second", model.framesPerSecond());
    out.writeNumberField("steps", model.steps());
    out.writeStringField("decoder", model.decoder().id());
    out.writeNumberField("seed", session.seed());
    out.writeNumberField("chunks", session.chunk());
    out.writeNumberField("frames", session.frames());
    out.writeStringField("backend", session.host().backend());
    out.writeStringField("machine", session.host().machine());
    out.writeStringField("transformer", session.host().precision().transformer().name());
    out.writeStringField("autoencoder", session.host().precision().autoencoder().name());
    out.writeEndObject();
  }
}
