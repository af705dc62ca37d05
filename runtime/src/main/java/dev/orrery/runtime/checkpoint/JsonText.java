package dev.orrery.runtime.checkpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.PrettyPrinter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import java.io.IOException;
import java.io.StringWriter;
import java.io.UncheckedIOException;

/** A JSON object as text. */
public final class JsonText {
  private JsonText() {}

  /** Writes the fields of an object. */
  @FunctionalInterface
  public interface Fields {
    /** Writes into an object that was begun; it is ended afterwards. */
    void writeTo(JsonGenerator out) throws IOException;
  }

  /** The text of an object, indented. */
  public static String of(Fields fields) {
    return text(new DefaultPrettyPrinter(), fields);
  }

  /** The text of an object in one line, without its end. */
  public static String line(Fields fields) {
    return text(null, fields);
  }

  private static String text(PrettyPrinter printer, Fields fields) {
    StringWriter text = new StringWriter();
    try (JsonGenerator out = new JsonFactory().createGenerator(text)) {
      out.setPrettyPrinter(printer);
      out.writeStartObject();
      fields.writeTo(out);
      out.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return text.toString();
  }
}
