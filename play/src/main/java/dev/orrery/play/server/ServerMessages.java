package dev.orrery.play.server;

import com.fasterxml.jackson.core.JsonGenerator;
import dev.orrery.model.camera.Camera;
import dev.orrery.model.camera.CameraPath;
import dev.orrery.model.camera.RigidTransform;
import dev.orrery.model.session.ActionSpace;
import dev.orrery.model.session.WorldModel;
import dev.orrery.play.BlockMade;
import dev.orrery.play.Frame;
import dev.orrery.play.PlayerState;
import dev.orrery.play.PlayerStatus;
import dev.orrery.runtime.checkpoint.JsonText;
import dev.orrery.runtime.media.ImageLimits;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Map;

/** What the server says, in the words of the protocol. */
final class ServerMessages {
  /** Bytes before the JPEG of a frame. */
  static final int FRAME_HEADER_BYTES = 32;

  private ServerMessages() {}

  /**
   * Who watches and steers a world.
   *
   * @param steers number of the one who steers, 0 for nobody
   * @param viewers how many watch
   */
  record Watching(int steers, int viewers) {}

  private static String message(String type, JsonText.Fields fields) {
    return JsonText.line(
        out -> {
          out.writeStringField("type", type);
          fields.writeTo(out);
        });
  }

  /**
   * Answers {@code hello}.
   *
   * @param session its name
   * @param secret the viewer's
   * @param number the viewer's
   */
  static String welcome(String session, String secret, int number, ServerParts parts) {
    PlayedModel played = parts.played();
    return message(
        "welcome",
        out -> {
          out.writeNumberField("version", MessageReader.VERSION);
          out.writeStringField("session", session);
          out.writeStringField("viewer", secret);
          out.writeNumberField("number", number);
          out.writeObjectFieldStart("model");
          writeModel(out, played);
          out.writeEndObject();
          out.writeObjectFieldStart("backend");
          out.writeStringField("name", played.backend().name());
          out.writeStringField("reason", played.backend().reason());
          out.writeEndObject();
          out.writeObjectFieldStart("limits");
          out.writeNumberField("imageBytes", ImageLimits.UPLOAD.bytes());
          out.writeNumberField("sessionBytes", parts.sessionBytes());
          out.writeEndObject();
        });
  }

  private static void writeModel(JsonGenerator out, PlayedModel played) throws IOException {
    WorldModel model = played.model();
    ActionSpace space = model.actionSpace();
    out.writeStringField("description", model.description());
    out.writeNumberField("width", model.width());
    out.writeNumberField("height", model.height());
    out.writeNumberField("framesPerSecond", model.framesPerSecond());
    out.writeArrayFieldStart("keys");
    for (Map.Entry<String, String> key : space.controls().keys().entrySet()) {
      out.writeStartObject();
      out.writeStringField("key", key.getKey());
      out.writeStringField("meaning", key.getValue());
      out.writeEndObject();
    }
    out.writeEndArray();
    out.writeBooleanField("mouse", space.mouse().isPresent());
    out.writeBooleanField("camera", space.camera().isPresent());
    out.writeBooleanField("prompt", played.encoder().isPresent());
    out.writeBooleanField("images", played.requirements().images().most() > 0);
  }

  /**
   * What a world does.
   *
   * @param paused whether somebody paused it; it may rest besides because nobody watches
   * @param prompt the text, if it is known
   */
  static String state(PlayerState state, boolean paused, Watching watching, String prompt) {
    return message(
        "state",
        out -> {
          out.writeBooleanField("ready", state.ready());
          out.writeBooleanField("paused", paused);
          out.writeBooleanField("recording", state.recording());
          out.writeNumberField("steers", watching.steers());
          out.writeNumberField("viewers", watching.viewers());
          out.writeNumberField("start", state.start());
          out.writeNumberField("block", state.block());
          out.writeNumberField("first", state.first());
          out.writeStringField("seed", Long.toString(state.seed()));
          out.writeStringField("prompt", prompt);
        });
  }

  /** A world is being prepared. */
  static String preparing(String stage, int done, int total) {
    return message(
        "preparing",
        out -> {
          out.writeStringField("stage", stage);
          out.writeNumberField("done", done);
          out.writeNumberField("total", total);
        });
  }

  /** A block was made. */
  static String block(BlockMade made) {
    return message(
        "block",
        out -> {
          out.writeNumberField("start", made.start());
          out.writeNumberField("block", made.block());
          out.writeBinaryField("thumbnail", made.thumbnail());
          out.writeBooleanField("flat", made.flat());
          out.writeNumberField("before", made.before());
        });
  }

  /** Where the camera went in a block. */
  static String path(BlockMade made, CameraPath path) {
    return message(
        "path",
        out -> {
          out.writeNumberField("start", made.start());
          out.writeNumberField("block", made.block());
          out.writeArrayFieldStart("poses");
          for (Camera camera : path.cameras()) {
            RigidTransform at = camera.worldFromCamera();
            out.writeNumber(at.translation(0));
            out.writeNumber(at.translation(2));
            out.writeNumber(Math.atan2(at.rotation(0, 2), at.rotation(2, 2)));
          }
          out.writeEndArray();
        });
  }

  /**
   * How fast a world is.
   *
   * @param memory bytes that the program occupies
   * @param plan bytes that were planned
   * @param dropped frames that the viewer lost
   */
  static String status(PlayerStatus status, long memory, long plan, long dropped) {
    return message(
        "status",
        out -> {
          out.writeNumberField("framesPerSecond", status.framesPerSecond());
          out.writeNumberField("keyToFrame", status.keyToFrameMillis());
          out.writeNumberField("passes", status.passesMillis());
          out.writeNumberField("completing", status.completingMillis());
          out.writeNumberField("decoding", status.decodingMillis());
          out.writeNumberField("memory", memory);
          out.writeNumberField("plan", plan);
          out.writeNumberField("dropped", dropped);
        });
  }

  /**
   * A file can be fetched.
   *
   * @param path where
   */
  static String file(Downloads.Offered file, String path, long bytes) {
    return message(
        "file",
        out -> {
          out.writeStringField("kind", file.kind().text());
          out.writeStringField("name", file.name());
          out.writeStringField("path", path);
          out.writeNumberField("bytes", bytes);
        });
  }

  /** An image was read. */
  static String uploaded(int width, int height) {
    return message(
        "uploaded",
        out -> {
          out.writeStringField("kind", FileKind.IMAGE.text());
          out.writeNumberField("width", width);
          out.writeNumberField("height", height);
        });
  }

  /** Somebody asks for the keys. */
  static String asked(int viewer) {
    return message("asked", out -> out.writeNumberField("viewer", viewer));
  }

  /** Somebody who asked for the keys does not get them. */
  static String refused() {
    return message("refused", out -> {});
  }

  /** A message could not be done. */
  static String error(String reason) {
    return message("error", out -> out.writeStringField("reason", reason));
  }

  /** The world cannot go on. */
  static String ended(String reason) {
    return message("ended", out -> out.writeStringField("reason", reason));
  }

  /** A frame with its header. */
  static ByteBuffer frame(Frame frame) {
    ByteBuffer bytes = ByteBuffer.allocate(FRAME_HEADER_BYTES + frame.jpeg().length);
    bytes.put((byte) MessageReader.VERSION).put((byte) 0).putShort((short) 0);
    bytes.putInt(frame.start()).putInt(frame.block()).putInt(frame.index());
    bytes.putDouble(frame.time()).putFloat(frame.rate()).putInt(0);
    return bytes.put(frame.jpeg()).flip();
  }
}
