package dev.orrery.play.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Whatever is sent: the answer is one message or a close code, and the world goes on. */
class HostileMessagesTest {
  private static ServedDemo demo;

  private TestViewer viewer;

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
    // The viewer of the test before may still have the keys: its connection was just cut.
    int number = viewer.welcome().integer("number");
    viewer.send("{\"type\":\"ask\"}");
    viewer.await("state", state -> state.integer("steers") == number);
  }

  @AfterEach
  void goesOn() {
    try (TestViewer another = TestViewer.seated(demo.server())) {
      another.awaitFrame();
      if (!viewer.isClosed()) {
        viewer.forget();
        viewer.awaitFrame();
      }
    } finally {
      viewer.close();
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      textBlock =
          """
          nonsense                                                  | message: invalid JSON
          ``                                                        | message: invalid JSON
          {"type":"single"} {"type":"single"}                       | message: invalid JSON
          []                                                        | message: expected an object
          7                                                         | message: expected an object
          {}                                                        | message: type: expected a string, found nothing
          {"type":7}                                                | message: type: expected a string, found 7
          {"type":"dance"}                                          | message: type: expected one of answer, ask,
          {"type":"single","twice":true}                            | message: twice: expected no such field
          {"type":"pause"}                                          | message: on: expected true or false, found nothing
          {"type":"pause","on":"yes"}                               | message: on: expected true or false
          {"type":"pause","on":true,"on":false}                     | message: invalid JSON
          {"type":"keys","held":"w","time":1}                       | message: held: expected a list
          {"type":"keys","held":[1],"time":1}                       | message: held[0]: expected a string
          {"type":"keys","held":["w"]}                              | message: time: expected a number, found nothing
          {"type":"keys","held":["w"],"time":NaN}                   | message: invalid JSON
          {"type":"keys","held":["w"],"time":1e999}                 | message: time: expected a number
          {"type":"keys","held":["fly"],"time":1}                   | held: expected keys of
          {"type":"look","right":NaN,"up":0,"time":1}               | message: invalid JSON
          {"type":"look","right":"far","up":0,"time":1}             | message: right: expected a number
          {"type":"start","seed":7,"prompt":"","image":"same"}      | message: seed: expected a string
          {"type":"start","seed":"x","prompt":"","image":"same"}    | message: seed: expected a whole number
          {"type":"start","seed":"99999999999999999999","prompt":"","image":"same"} | message: seed: expected a whole number
          {"type":"start","seed":"1","prompt":"","image":"http://x"} | message: image: expected one of same, model, uploaded
          {"type":"start","seed":"1","prompt":"","image":"uploaded"} | image: none was uploaded yet
          {"type":"start","seed":"1","prompt":"a castle","image":"same"} | prompt: the model takes none
          {"type":"upload","kind":"video","bytes":3}                | message: kind: expected one of image, session
          {"type":"upload","kind":"image","bytes":0}                | message: bytes: expected at least 1
          {"type":"upload","kind":"image","bytes":1.5}              | message: bytes: expected an integer
          {"type":"upload","kind":"image","bytes":17825792}         | bytes: expected at most 16777216
          {"type":"upload","kind":"session","bytes":9007199254740991} | bytes: expected at most
          {"type":"back","block":-1}                                | block: expected 0 to
          {"type":"back","block":1000000}                           | block: expected 0 to
          {"type":"back","block":1e3}                               | message: block: expected an integer
          {"type":"record","on":false}                              | record: nothing is being recorded
          {"type":"answer","viewer":77,"give":true}                 | viewer 77 does not ask
          {"type":"hello","version":1,"session":"","viewer":""}     | hello: expected once, found again
          {"type":"hello","version":2,"session":"","viewer":""}     | message: version: expected protocol 1
          """)
  void isAnsweredWithAReason(String message, String reason) {
    viewer.forget();
    viewer.send(message == null ? "" : message);
    String found = viewer.awaitError();
    assertTrue(found.startsWith(reason), found);
    assertFalse(found.contains("\n"), found);
  }

  @Test
  void deepNestingIsOneError() {
    viewer.forget();
    viewer.send("[".repeat(10_000) + "]".repeat(10_000));
    String found = viewer.awaitError();
    assertTrue(found.startsWith("message: invalid JSON"), found);
  }

  @Test
  void hugeMovementIsLostAndTheNextOneCounts() {
    viewer.send("{\"type\":\"look\",\"right\":1e308,\"up\":-1e308,\"time\":5}");
    viewer.send("{\"type\":\"look\",\"right\":-1e308,\"up\":1e308,\"time\":6}");
    viewer.awaitFrame(frame -> frame.time() == 6);
    assertEquals(0, viewer.messages().getOrDefault("error", 0L));
  }

  @Test
  void longTextClosesTheConnection() {
    sendWhileOpen(() -> viewer.send("{\"type\":\"" + "x".repeat(1_000_000) + "\"}"));
    assertEquals(4009, viewer.awaitClose());
  }

  @Test
  void fragmentsWithoutEndCloseTheConnection() {
    sendWhileOpen(() -> viewer.sendPart("", false));
    assertEquals(4008, viewer.awaitClose());
  }

  @Test
  void longTextInFragmentsClosesTheConnection() {
    sendWhileOpen(() -> viewer.sendPart("x".repeat(1000), false));
    assertEquals(4009, viewer.awaitClose());
  }

  @Test
  void aFloodGetsOneErrorThenIsClosed() {
    viewer.forget();
    int[] sent = {0};
    sendWhileOpen(
        () -> {
          viewer.hold(sent[0]++, "w");
        });
    assertEquals(4008, viewer.awaitClose());
    assertTrue(sent[0] > Limits.MESSAGES, () -> "closed after " + sent[0]);
    String found = viewer.awaitError();
    assertTrue(found.startsWith("more than " + Limits.MESSAGES), found);
  }

  private void sendWhileOpen(Runnable send) {
    try {
      for (int i = 0; i < 100_000 && !viewer.isClosed(); i++) {
        send.run();
      }
    } catch (java.util.concurrent.CompletionException e) {
      // closed while sending
    }
  }

  @Test
  void binaryWithoutAnnouncementIsAnsweredThenClosed() {
    viewer.forget();
    viewer.send(new byte[1000]);
    String found = viewer.awaitError();
    assertTrue(found.startsWith("a binary message: expected upload"), found);
    sendWhileOpen(() -> viewer.send(new byte[2 << 20]));
    assertEquals(4009, viewer.awaitClose());
  }

  @Test
  void lessThanAnnouncedIsAnError() {
    viewer.forget();
    viewer.send("{\"type\":\"upload\",\"kind\":\"image\",\"bytes\":10}");
    viewer.send(new byte[9]);
    assertEquals("upload: expected 10 bytes as announced, found 9", viewer.awaitError());
  }

  @Test
  void moreThanAnnouncedClosesTheConnection() {
    viewer.send("{\"type\":\"upload\",\"kind\":\"session\",\"bytes\":10}");
    viewer.send(new byte[11]);
    assertEquals(4009, viewer.awaitClose());
  }

  @Test
  void nothingIsDoneBeforeHello() {
    try (TestViewer silent = TestViewer.silent(demo.server())) {
      silent.send("{\"type\":\"single\"}");
      assertEquals("expected hello first", silent.awaitError());
      silent.send(new byte[10]);
      silent.awaitError();
      assertEquals(4008, silent.awaitClose(), "no hello in time");
      assertEquals(0, silent.frames());
    }
  }

  @Test
  void unknownSessionIsAnError() {
    try (TestViewer lost = TestViewer.hello(demo.server(), "elsewhere", "")) {
      assertEquals("session: there is none of this name, or no longer", lost.awaitError());
    }
  }

  @Test
  void moreSessionsThanAllowedIsAnErrorThatCounts() {
    try (TestViewer second = TestViewer.hello(demo.server(), "new", "")) {
      String found = second.awaitError();
      assertTrue(found.startsWith("session: there is 1 already"), found);
    }
  }
}
