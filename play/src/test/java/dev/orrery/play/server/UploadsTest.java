package dev.orrery.play.server;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.play.server.TestViewer.Shown;
import dev.orrery.runtime.checkpoint.JsonValue;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Random;
import java.util.zip.CRC32;
import javax.imageio.ImageIO;
import javax.imageio.ImageWriter;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Pictures and sessions that viewers send, and files that they get. */
class UploadsTest {
  private static final String START =
      "{\"type\":\"start\",\"seed\":\"%d\",\"prompt\":\"\",\"image\":\"%s\"}";

  private static ServedDemo demo;

  private TestViewer viewer;

  /** Number of the newest start. */
  private int start;

  @BeforeAll
  static void serve() throws IOException {
    demo = new ServedDemo();
  }

  @AfterAll
  static void end() {
    demo.close();
  }

  @BeforeEach
  void watch() {
    viewer = TestViewer.seated(demo.server());
    viewer.send("{\"type\":\"ask\"}");
  }

  @AfterEach
  void goesOn() {
    try (TestViewer last = viewer) {
      last.forget();
      last.awaitFrame();
    }
  }

  private static byte[] encoded(int width, int height, String format) throws IOException {
    BufferedImage image = new BufferedImage(width, height, BufferedImage.TYPE_3BYTE_BGR);
    Random random = new Random(1);
    for (int i = 0; i < 1000; i++) {
      image.setRGB(random.nextInt(width), random.nextInt(height), random.nextInt());
    }
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    assertTrue(ImageIO.write(image, format, bytes));
    return bytes.toByteArray();
  }

  private String refused(byte[] picture) {
    viewer.forget();
    viewer.upload("image", picture);
    String reason = viewer.awaitError();
    assertFalse(reason.contains("\n") || reason.contains("Exception"), reason);
    return reason;
  }

  @Test
  void picturesThatAreNone() throws IOException {
    refused("not a picture".getBytes(StandardCharsets.US_ASCII));
    refused(new byte[1]);
    byte[] jpeg = encoded(96, 64, "jpg");
    refused(Arrays.copyOf(jpeg, jpeg.length / 2));
    byte[] png = encoded(96, 64, "png");
    refused(Arrays.copyOf(png, png.length / 2));
  }

  @Test
  void picturesThatAreTooLarge() throws IOException {
    String huge = refused(claiming(60_000, 60_000));
    assertTrue(huge.contains("60000x60000"), huge);
    refused(encoded(4001, 4000, "png"));
    viewer.send("{\"type\":\"upload\",\"kind\":\"image\",\"bytes\":" + (17 << 20) + "}");
    assertTrue(viewer.awaitError().startsWith("bytes: expected at most 16777216"));
  }

  /** A PNG of 100 kB that says to be of this size. */
  private static byte[] claiming(int width, int height) throws IOException {
    byte[] png = Arrays.copyOf(encoded(8, 8, "png"), 100_000);
    ByteBuffer header = ByteBuffer.wrap(png);
    header.putInt(16, width).putInt(20, height);
    CRC32 sum = new CRC32();
    sum.update(png, 12, 17);
    header.putInt(29, (int) sum.getValue());
    return png;
  }

  @Test
  void picturesFarFromTheShapeOfTheVideo() throws IOException {
    String reason = refused(encoded(3000, 20, "png"));
    assertTrue(reason.startsWith("start image: 3000x20 pixels are too far from"), reason);
  }

  @Test
  void aMovingPictureIsItsFirstFrameAndAWorldBeginsWithIt() throws IOException {
    viewer.upload("image", animated());
    JsonValue read = viewer.await("uploaded");
    assertEquals("image", read.string("kind"));
    assertEquals(192, read.integer("width"));
    assertEquals(128, read.integer("height"));
    viewer.send(START.formatted(77, "uploaded"));
    JsonValue state = viewer.await("state", it -> it.string("seed").equals("77"));
    assertEquals(0, state.integer("block"));
    int start = state.integer("start");
    Shown first = firstOf(start);
    // The same again has the same first frame, another seed has another.
    viewer.send(START.formatted(77, "same"));
    assertArrayEquals(first.jpeg(), firstOf(start + 1).jpeg());
    viewer.send(START.formatted(78, "same"));
    assertFalse(Arrays.equals(first.jpeg(), firstOf(start + 2).jpeg()));
    viewer.send(START.formatted(42, "model"));
    firstOf(start + 3);
  }

  private Shown firstOf(int start) {
    Shown frame = viewer.awaitFrame(it -> it.start() >= start);
    assertEquals(0, frame.block());
    assertEquals(0, frame.index());
    return frame;
  }

  private static byte[] animated() throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    ImageWriter writer = ImageIO.getImageWritersByFormatName("gif").next();
    try (MemoryCacheImageOutputStream out = new MemoryCacheImageOutputStream(bytes)) {
      writer.setOutput(out);
      writer.prepareWriteSequence(null);
      for (int i = 0; i < 3; i++) {
        BufferedImage image = new BufferedImage(192, 128, BufferedImage.TYPE_INT_RGB);
        image.createGraphics().fillRect(10 * i, 0, 60, 60);
        writer.writeToSequence(new javax.imageio.IIOImage(image, null, null), null);
      }
      writer.endWriteSequence();
    } finally {
      writer.dispose();
    }
    return bytes.toByteArray();
  }

  private byte[] fetch(JsonValue file) throws Exception {
    URI address = demo.server().address().resolve(file.string("path"));
    try (HttpClient client = HttpClient.newHttpClient()) {
      byte[] bytes =
          client.send(HttpRequest.newBuilder(address).build(), BodyHandlers.ofByteArray()).body();
      assertEquals(file.integer("bytes"), bytes.length);
      return bytes;
    }
  }

  @Test
  void aSavedSessionGoesOnAndADamagedOneDoesNot() throws Exception {
    viewer.send("{\"type\":\"save\"}");
    JsonValue file = viewer.await("file");
    assertEquals("session", file.string("kind"));
    assertTrue(
        file.string("name").matches("orrery-\\d+-block-\\d+\\.safetensors"), file.string("name"));
    byte[] saved = fetch(file);
    int block = Integer.parseInt(file.string("name").replaceAll(".*-block-(\\d+)\\..*", "$1"));
    viewer.upload("session", saved);
    JsonValue state = viewer.await("state", it -> it.integer("first") >= block);
    assertEquals(block, state.integer("block"));
    start = state.integer("start");

    answeredAs(saved, "orrery.session.1", "orrery.session.9", "orrery.session.9");
    answeredAs(saved, "matrix-game-2", "matrix-game-9", "family: expected matrix-game-2, found");
    answeredAs(
        saved,
        "\\\"transformer\\\" : \\\"F32",
        "\\\"transformer\\\" : \\\"F16",
        "precision of the transformer: expected F32, found F16");
    Random random = new Random(5);
    int header = (int) ByteBuffer.wrap(saved).order(ByteOrder.LITTLE_ENDIAN).getLong(0);
    for (int i = 0; i < 6; i++) {
      byte[] damaged = saved.clone();
      // Braces, names and numbers of the header; not the JSON's blanks at its end.
      damaged[8 + random.nextInt(header / 2)] ^= (byte) (1 << random.nextInt(7));
      answered(damaged);
      byte[] cut = Arrays.copyOf(saved, 1 + random.nextInt(saved.length - 1));
      String reason = answered(cut);
      assertFalse(reason.isEmpty(), "cut at " + cut.length);
    }
    viewer.send(START.formatted(1, "same"));
    assertTrue(viewer.awaitError().startsWith("image: a saved session does not have its images"));
    viewer.send(START.formatted(42, "model"));
    viewer.await("state", it -> it.integer("block") == 0);
  }

  /** A session of another version, model or precision is refused, and which it is is said. */
  private void answeredAs(byte[] saved, String from, String to, String reason) {
    String latin = new String(saved, StandardCharsets.ISO_8859_1);
    assertTrue(latin.contains(from), from);
    String found = answered(latin.replace(from, to).getBytes(StandardCharsets.ISO_8859_1));
    assertTrue(found.contains(reason), found);
  }

  /** The reason why a session is refused; empty if it is not. */
  private String answered(byte[] session) {
    viewer.upload("session", session);
    JsonValue answer =
        viewer.awaitAny(
            message ->
                message.string("type").equals("error")
                    || message.string("type").equals("state") && message.integer("start") > start);
    if (answer.string("type").equals("state")) {
      start = answer.integer("start");
      return "";
    }
    String reason = answer.string("reason");
    assertFalse(reason.contains("\n") || reason.contains("orrery-play-"), reason);
    return reason;
  }

  @Test
  void aRecordingIsAVideoAndItsActions() throws Exception {
    viewer.send("{\"type\":\"record\",\"on\":true}");
    viewer.await("state", state -> state.bool("recording"));
    viewer.send("{\"type\":\"record\",\"on\":true}");
    assertEquals("record: a recording goes on already", viewer.awaitError());
    viewer.await("block");
    viewer.await("block");
    viewer.send("{\"type\":\"record\",\"on\":false}");
    JsonValue video = viewer.await("file");
    JsonValue actions = viewer.await("file");
    assertEquals("video", video.string("kind"));
    assertEquals("actions", actions.string("kind"));
    byte[] mp4 = fetch(video);
    assertEquals("ftyp", new String(mp4, 4, 4, StandardCharsets.US_ASCII));
    String rows = new String(fetch(actions), StandardCharsets.UTF_8);
    assertTrue(rows.lines().count() >= 24, rows);
    assertEquals(0, rows.lines().count() % 3, "whole blocks");
  }
}
