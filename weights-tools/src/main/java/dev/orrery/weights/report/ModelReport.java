package dev.orrery.weights.report;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.orrery.model.family.ModelFolder;
import dev.orrery.model.family.VideoShape;
import dev.orrery.model.family.WeightFiles;
import dev.orrery.model.session.ActionSpace;
import dev.orrery.model.session.LatentDecoder;
import dev.orrery.model.session.StartRequirements;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * What a model is and how it is played, from its configuration alone.
 *
 * @param model the model
 */
public record ModelReport(ModelFolder model) {
  /** Some lines for people. */
  public String text() {
    VideoShape video = model.video();
    StringBuilder text = new StringBuilder(model.description()).append('\n');
    row(text, "video", size() + " at " + video.framesPerSecond() + " frames per second");
    row(text, "chunk", chunk());
    row(text, "starts from", start());
    model.tinyDecoder().ifPresent(tiny -> row(text, "decoder", decoder(tiny)));
    actions(text);
    model
        .actionSpace()
        .camera()
        .ifPresent(
            camera ->
                row(
                    text,
                    "camera",
                    "takes a path, one pose for " + camera.framesPerPose() + " frames"));
    return text.toString();
  }

  private void actions(StringBuilder text) {
    ActionSpace space = model.actionSpace();
    if (space.isEmpty()) {
      row(text, "keys", "none, it goes on by itself");
      return;
    }
    String keys =
        keys().entrySet().stream()
            .map(key -> key.getKey() + " " + key.getValue())
            .collect(Collectors.joining(", "));
    row(text, "keys", keys.isEmpty() ? "none" : keys);
    List<String> others = space.controls().otherNames();
    if (!others.isEmpty()) {
      row(text, "other names", String.join(", ", others));
    }
    String axes =
        space.axes().stream()
            .map(axis -> axis.name() + " " + axis.range() + " (" + axis.meaning() + ")")
            .collect(Collectors.joining(", "));
    if (!axes.isEmpty()) {
      row(text, "axes", axes);
    }
  }

  private static void row(StringBuilder text, String name, String value) {
    text.append(String.format(Locale.ROOT, "  %-12s %s\n", name, value));
  }

  private String size() {
    return model.video().width() + "x" + model.video().height();
  }

  private Map<String, String> keys() {
    return model.actionSpace().controls().keys();
  }

  /** Frames that are made together; the first chunk of some models is shorter than all others. */
  private String chunk() {
    int first = model.framesOfChunk(0);
    int later = model.framesOfChunk(1);
    String seconds =
        String.format(Locale.ROOT, "%.2f", (double) later / model.video().framesPerSecond());
    return later
        + (later == 1 ? " frame" : " frames made together")
        + ", "
        + seconds
        + " s"
        + (first == later ? "" : "; " + first + " in the first");
  }

  private String start() {
    StartRequirements needed = model.startRequirements();
    int least = needed.images().least();
    int most = needed.images().most();
    String images =
        switch (most) {
          case 0 -> "";
          case 1 -> least == 0 ? "an image if you like" : "an image";
          default -> (least == most ? "" + most : least + " to " + most) + " images";
        };
    images += needed.tokens().isPresent() ? " or their tokens" : "";
    String prompt = needed.takesPrompt() ? "a prompt" : "";
    return images.isEmpty() && prompt.isEmpty()
        ? "nothing"
        : prompt + (prompt.isEmpty() || images.isEmpty() ? "" : ", ") + images;
  }

  private String decoder(WeightFiles tiny) {
    String used = model.decoder().id();
    if (model.decoder() == LatentDecoder.TAEHV) {
      return used + ", or with --decoder vae that of the release";
    }
    return used
        + (tiny.exist()
            ? ", or with --decoder taehv a tiny one, " + tiny.path().getFileName()
            : "; weights of taehv are not there, see " + tiny.origin());
  }

  /** Names of the decoders that can be used. */
  private List<String> decoders() {
    return Arrays.stream(LatentDecoder.values())
        .filter(
            decoder ->
                decoder == LatentDecoder.VAE
                    || model.tinyDecoder().filter(WeightFiles::exist).isPresent())
        .map(LatentDecoder::id)
        .toList();
  }

  /** Writes an object of the same. */
  void writeTo(JsonGenerator out, String name) throws IOException {
    out.writeObjectFieldStart(name);
    out.writeStringField("description", model.description());
    out.writeNumberField("width", model.video().width());
    out.writeNumberField("height", model.video().height());
    out.writeNumberField("frames_per_second", model.video().framesPerSecond());
    out.writeNumberField("frames_of_first_chunk", model.framesOfChunk(0));
    out.writeNumberField("frames_of_chunk", model.framesOfChunk(1));
    out.writeNumberField("min_images", model.startRequirements().images().least());
    out.writeNumberField("max_images", model.startRequirements().images().most());
    out.writeBooleanField("takes_tokens", model.startRequirements().tokens().isPresent());
    out.writeBooleanField("takes_prompt", model.startRequirements().takesPrompt());
    out.writeNumberField("steps", model.steps());
    out.writeStringField("decoder", model.decoder().id());
    writeNames(out, "decoders", decoders());
    out.writeObjectFieldStart("keys");
    for (var key : keys().entrySet()) {
      out.writeStringField(key.getKey(), key.getValue());
    }
    out.writeEndObject();
    writeNames(out, "switches", model.actionSpace().switches());
    writeNames(out, "choices", model.actionSpace().choices());
    out.writeObjectFieldStart("axes");
    for (ActionSpace.Axis axis : model.actionSpace().axes()) {
      out.writeArrayFieldStart(axis.name());
      out.writeNumber(axis.low());
      out.writeNumber(axis.high());
      out.writeEndArray();
    }
    out.writeEndObject();
    out.writeEndObject();
  }

  private static void writeNames(JsonGenerator out, String name, List<String> names)
      throws IOException {
    out.writeArrayFieldStart(name);
    for (String each : names) {
      out.writeString(each);
    }
    out.writeEndArray();
  }
}
