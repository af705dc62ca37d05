package dev.orrery.play.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.play.PlayerOptions;
import dev.orrery.runtime.checkpoint.JsonValue;
import java.io.IOException;
import java.time.Duration;
import java.util.function.IntPredicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Several people before one world. */
class ViewersTest {
  private static final String ASK = "{\"type\":\"ask\"}";

  private static QuickDemo demo;

  private PlayServer server;

  @BeforeAll
  static void load() {
    demo = new QuickDemo();
  }

  @AfterAll
  static void unload() {
    demo.close();
  }

  @BeforeEach
  void serve() throws IOException {
    server = demo.serve(ServerOptions.DEFAULT, ServedDemo.QUICK);
  }

  @AfterEach
  void end() {
    server.close();
    assertEquals(0, demo.openArenas());
  }

  private static void answer(TestViewer viewer, int number, boolean give) {
    viewer.send("{\"type\":\"answer\",\"viewer\":" + number + ",\"give\":" + give + "}");
  }

  private static void awaitSteering(TestViewer viewer, int number) {
    viewer.await("state", state -> state.integer("steers") == number);
  }

  /** Waits for a frame that was made with the input of a time. */
  private static void awaitTime(TestViewer viewer, double time) {
    viewer.awaitFrame(frame -> frame.time() == time);
  }

  @Test
  void oneSteersAndGivesTheKeysToWhoAsks() {
    try (TestViewer first = TestViewer.seated(server);
        TestViewer second = TestViewer.seated(server)) {
      assertEquals(1, first.welcome().integer("number"));
      assertEquals(2, second.welcome().integer("number"));
      awaitSteering(second, 1);
      second.hold(1, "w");
      assertEquals("viewer 1 steers: ask for the keys", second.awaitError());

      first.hold(7, "w");
      awaitTime(second, 7);
      second.send(ASK);
      assertEquals(2, first.await("asked").integer("viewer"));
      answer(first, 2, false);
      second.await("refused");
      second.hold(1, "w");
      second.awaitError();

      second.send(ASK);
      first.await("asked");
      answer(first, 2, true);
      awaitSteering(second, 2);
      awaitSteering(first, 2);
      // What the first held is released.
      awaitTime(second, 0);
      second.hold(9, "l");
      awaitTime(first, 9);
      first.hold(10, "w");
      assertEquals("viewer 2 steers: ask for the keys", first.awaitError());
    }
  }

  @Test
  void keysOfOneWhoLeavesAreReleasedAndWhoAskedGetsThem() {
    try (TestViewer first = TestViewer.seated(server);
        TestViewer second = TestViewer.seated(server)) {
      first.hold(7, "w");
      awaitTime(second, 7);
      second.send(ASK);
      first.await("asked");
      first.lose();
      awaitSteering(second, 2);
      awaitTime(second, 0);
    }
  }

  @Test
  void whoComesBackIsTheSameAndSteers() {
    TestViewer lost = TestViewer.seated(server);
    JsonValue welcome = lost.welcome();
    lost.hold(7, "w");
    awaitTime(lost, 7);
    lost.lose();
    try (TestViewer back =
            TestViewer.hello(server, welcome.string("session"), welcome.string("viewer"));
        TestViewer other = TestViewer.watching(server)) {
      assertEquals(1, back.await("welcome").integer("number"));
      awaitSteering(back, 1);
      // Nothing is held before the page says so again.
      awaitTime(back, 0);
      back.hold(8, "w");
      awaitTime(back, 8);
      assertEquals(2, other.await("welcome").integer("number"));
    }
  }

  @Test
  void theSameViewerTwiceIsTheNewerOne() {
    try (TestViewer first = TestViewer.seated(server)) {
      JsonValue welcome = first.welcome();
      try (TestViewer again =
          TestViewer.hello(server, welcome.string("session"), welcome.string("viewer"))) {
        assertEquals(1, again.await("welcome").integer("number"));
        assertEquals(1000, first.awaitClose());
        again.await("state", state -> state.integer("viewers") == 1);
        again.awaitFrame();
      }
    }
  }

  @Test
  void whoWasLostForTooLongIsForgottenAndNobodySteers() throws IOException {
    try (PlayServer quick = with(Duration.ofMillis(1), Duration.ofMinutes(1), 1);
        TestViewer other = watchingSecond(quick)) {
      awaitSteering(other, 0);
      other.hold(1, "w");
      assertEquals("nobody steers: ask for the keys", other.awaitError());
      other.send(ASK);
      awaitSteering(other, 2);
      other.hold(3, "w");
      awaitTime(other, 3);
    }
  }

  /** The first viewer leaves while the second watches. */
  private static TestViewer watchingSecond(PlayServer served) {
    TestViewer first = TestViewer.seated(served);
    JsonValue welcome = first.welcome();
    TestViewer other = TestViewer.seated(served);
    first.lose();
    awaitSteering(other, 0);
    try (TestViewer late =
        TestViewer.hello(served, welcome.string("session"), welcome.string("viewer"))) {
      JsonValue again = late.await("welcome");
      assertEquals(3, again.integer("number"));
      assertNotEquals(welcome.string("viewer"), again.string("viewer"));
      // A new one gets the keys that nobody has, and goes.
    }
    return other;
  }

  private static PlayServer with(Duration lost, Duration unwatched, int sessions)
      throws IOException {
    Limits quick = ServedDemo.QUICK;
    return demo.serve(
        new ServerOptions("127.0.0.1", 0, sessions, PlayerOptions.DEFAULT),
        new Limits(
            quick.hello(), quick.request(), lost, unwatched, quick.tick(), quick.connections()));
  }

  @Test
  void nothingIsMadeWhileNobodyWatches() throws Exception {
    try (PlayServer resting = with(Duration.ofMinutes(1), Duration.ofMillis(1), 1)) {
      int made = awaitBlocks(resting, blocks -> true, true);
      try (TestViewer viewer = TestViewer.watching(resting)) {
        viewer.awaitFrame();
        viewer.send("{\"type\":\"pause\",\"on\":true}");
        assertTrue(viewer.await("state", state -> state.bool("paused")).integer("block") > made);
      }
      // Paused by a person it stays paused when somebody comes.
      try (TestViewer viewer = TestViewer.seated(resting)) {
        assertTrue(viewer.await("state").bool("paused"));
        int block = awaitBlocks(resting, blocks -> true, true);
        viewer.send(ASK);
        viewer.send("{\"type\":\"single\"}");
        viewer.await("block", it -> it.integer("block") >= block - 1);
        awaitBlocks(resting, blocks -> blocks == block + 1, false);
        viewer.send("{\"type\":\"pause\",\"on\":false}");
        awaitBlocks(resting, blocks -> blocks > block + 1, false);
      }
    }
  }

  /**
   * Waits until the number of blocks is as wanted.
   *
   * @param still whether it has to stay so for as long as several blocks take
   */
  private static int awaitBlocks(PlayServer served, IntPredicate wanted, boolean still)
      throws Exception {
    int blocks = -1;
    int since = 0;
    while (since < (still ? 20 : 1)) {
      Thread.sleep(100);
      String text = RawHttp.get(served, "/metrics").text();
      int now = Integer.parseInt(text.replaceAll("(?s).*\nblocks (\\d+)\n.*", "$1"));
      since = wanted.test(now) && (now == blocks || !still) ? since + 1 : 0;
      blocks = now;
    }
    return blocks;
  }

  @Test
  void asManyWorldsAsAllowed() throws IOException, InterruptedException {
    try (PlayServer two = with(Duration.ofMillis(1), Duration.ofMinutes(1), 2);
        TestViewer first = TestViewer.seated(two);
        TestViewer second = TestViewer.hello(two, "new", "")) {
      String one = first.welcome().string("session");
      String other = second.await("welcome").string("session");
      assertNotEquals(one, other);
      first.awaitFrame();
      second.awaitFrame();
      try (TestViewer third = TestViewer.hello(two, "new", "")) {
        String reason = third.awaitError();
        assertTrue(reason.startsWith("session: there are 2 already"), reason);
        third.sendHello(other, "");
        assertEquals(other, third.await("welcome").string("session"));
      }
      // The first world is left by all and makes room for another.
      first.lose();
      try (TestViewer next = TestViewer.silent(two)) {
        next.sendHello("new", "");
        JsonValue welcome = next.awaitAny("error", "welcome");
        while (welcome.string("type").equals("error")) {
          // More than some hundred in a second are not answered.
          Thread.sleep(20);
          next.sendHello("new", "");
          welcome = next.awaitAny("error", "welcome");
        }
        String third = welcome.string("session");
        assertFalse(third.equals(one) || third.equals(other));
        next.awaitFrame();
        second.forget();
        second.awaitFrame();
      }
    }
  }
}
