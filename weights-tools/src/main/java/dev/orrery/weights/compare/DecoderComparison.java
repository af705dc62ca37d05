package dev.orrery.weights.compare;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.model.family.ModelFolder;
import dev.orrery.model.session.Action;
import dev.orrery.model.session.LatentDecoder;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.Start;
import dev.orrery.model.session.VideoFrames;
import dev.orrery.model.session.WorldModel;
import dev.orrery.model.session.WorldSession;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.JsonText;
import dev.orrery.runtime.media.Psnr;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * How far the frames that TAEHV makes are from those of a model's own decoder, of the same latents:
 * start, seed and actions are the same, and what a decoder makes does not come back into them.
 *
 * @param model what was played
 * @param frames the difference of each frame, in their order
 * @param together that of all of them
 */
public record DecoderComparison(String model, List<Difference> frames, Difference together) {
  /** Copies the frames. */
  public DecoderComparison {
    frames = List.copyOf(frames);
  }

  /**
   * The difference of some images.
   *
   * @param decibels peak signal-to-noise ratio; infinite for equal ones
   * @param mean of the absolute differences of red, green and blue, of 255
   */
  public record Difference(double decibels, double mean) {
    private static Difference of(byte[] expected, byte[] actual) {
      long sum = 0;
      for (int i = 0; i < expected.length; i++) {
        sum += Math.abs((expected[i] & 0xff) - (actual[i] & 0xff));
      }
      return new Difference(
          Psnr.decibels(expected, actual), sum / (double) Math.max(1, expected.length));
    }
  }

  /**
   * Plays a model twice, one decoder after the other.
   *
   * @param sample how it is played
   * @param backend where it runs
   * @param chunks chunks of video to make
   * @throws IllegalArgumentException if the model cannot have a tiny decoder
   * @throws CheckpointException if it cannot be loaded
   * @throws IOException if what it starts from cannot be read
   */
  public static DecoderComparison of(
      SampleStart sample, Backend backend, int chunks, Progress progress) throws IOException {
    ModelFolder own = sample.model().withDecoder(LatentDecoder.VAE);
    ModelFolder tiny = sample.model().withDecoder(LatentDecoder.TAEHV);
    Start start = sample.read(backend, progress);
    List<byte[]> expected = played(own, start, sample.action(), backend, chunks, progress);
    List<byte[]> actual = played(tiny, start, sample.action(), backend, chunks, progress);
    List<Difference> frames = new ArrayList<>();
    for (int i = 0; i < expected.size(); i++) {
      frames.add(Difference.of(expected.get(i), actual.get(i)));
    }
    return new DecoderComparison(own.description(), frames, together(frames));
  }

  /** Frames are of one size, so that squares and differences have the same weights. */
  private static Difference together(List<Difference> frames) {
    double noise =
        frames.stream()
            .mapToDouble(frame -> Math.pow(10, -frame.decibels() / 10))
            .average()
            .orElseThrow();
    double mean = frames.stream().mapToDouble(Difference::mean).average().orElseThrow();
    return new Difference(-10 * Math.log10(noise), mean);
  }

  private static List<byte[]> played(
      ModelFolder model, Start start, Action held, Backend backend, int chunks, Progress progress) {
    List<byte[]> frames = new ArrayList<>();
    try (WorldModel world = model.load(backend, progress);
        WorldSession session = world.start(start, progress)) {
      String stage = "decoding with " + model.decoder().id();
      for (int chunk = 0; chunk < chunks; chunk++) {
        progress.report(stage, chunk, chunks);
        VideoFrames made = session.step(held);
        for (int frame = 0; frame < made.count(); frame++) {
          frames.add(made.image(frame).rgb());
        }
      }
      progress.report(stage, chunks, chunks);
    }
    return frames;
  }

  /** A line for each frame, for people. */
  public String text() {
    StringBuilder text = new StringBuilder();
    text.append(model).append(": frames of taehv beside those of vae, of the same latents\n");
    text.append(String.format(Locale.ROOT, "%-8s %12s  %15s\n", "frame", "PSNR", "mean of 255"));
    for (int i = 0; i < frames.size(); i++) {
      append(text, Integer.toString(i), frames.get(i));
    }
    append(text, "all", together);
    return text.toString();
  }

  private static void append(StringBuilder text, String frame, Difference difference) {
    text.append(
        String.format(
            Locale.ROOT,
            "%-8s %9.2f dB  %15.2f\n",
            frame,
            difference.decibels(),
            difference.mean()));
  }

  /** The same for programs. */
  public String json() {
    return JsonText.of(
        out -> {
          out.writeStringField("model", model);
          out.writeArrayFieldStart("frames");
          for (Difference frame : frames) {
            out.writeStartObject();
            write(out, frame);
            out.writeEndObject();
          }
          out.writeEndArray();
          out.writeObjectFieldStart("all");
          write(out, together);
          out.writeEndObject();
        });
  }

  private static void write(JsonGenerator out, Difference difference) throws IOException {
    // Equal frames have an infinite ratio, which JSON has no number for.
    if (Double.isFinite(difference.decibels())) {
      out.writeNumberField("psnr", difference.decibels());
    } else {
      out.writeNullField("psnr");
    }
    out.writeNumberField("mean", difference.mean());
  }
}
