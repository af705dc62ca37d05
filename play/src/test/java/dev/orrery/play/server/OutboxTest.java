package dev.orrery.play.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.play.server.Outbox.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;

class OutboxTest {
  private final List<String> sent = new ArrayList<>();
  private Consumer<Boolean> done;

  private final Outbox slow =
      new Outbox(
          (text, told) -> {
            sent.add(text);
            done = told;
          });

  private void put(Kind kind, String text) {
    assertTrue(slow.put(kind, text));
    slow.flush();
  }

  @Test
  void oneIsOnItsWayAndTheOthersKeepTheirOrder() {
    put(Kind.ANSWER, "a");
    put(Kind.ANSWER, "b");
    put(Kind.NEWS, "c");
    assertEquals(List.of("a"), sent);
    done.accept(true);
    done.accept(true);
    assertEquals(List.of("a", "b", "c"), sent);
    done.accept(true);
    put(Kind.ANSWER, "d");
    assertEquals(List.of("a", "b", "c", "d"), sent);
  }

  @Test
  void theNewestStateStandsForThoseBefore() {
    put(Kind.ANSWER, "a");
    for (int i = 0; i < 1000; i++) {
      put(Kind.STATE, "state " + i);
      put(Kind.STATUS, "status " + i);
      put(Kind.PROGRESS, "progress " + i);
    }
    assertEquals(3, slow.waiting());
    done.accept(true);
    assertEquals("state 999", sent.getLast());
  }

  @Test
  void oldNewsGiveWayAndAnswersDoNot() {
    put(Kind.ANSWER, "on its way");
    put(Kind.ANSWER, "kept");
    for (int i = 0; i < 1000; i++) {
      put(Kind.NEWS, "news " + i);
    }
    assertEquals(Outbox.ROOM, slow.waiting());
    done.accept(true);
    assertEquals("kept", sent.getLast());
    done.accept(true);
    assertEquals("news " + (1000 - Outbox.ROOM + 1), sent.getLast());
  }

  @Test
  void oneWhoAsksAndDoesNotReadIsNoticed() {
    put(Kind.ANSWER, "on its way");
    for (int i = 0; i < Outbox.ROOM; i++) {
      put(Kind.ANSWER, "answer");
    }
    assertFalse(slow.put(Kind.ANSWER, "too many"));
    assertEquals(Outbox.ROOM, slow.waiting());
  }

  @Test
  void afterAFailureNothingIsSent() {
    put(Kind.ANSWER, "a");
    put(Kind.ANSWER, "b");
    done.accept(false);
    put(Kind.ANSWER, "c");
    assertEquals(List.of("a"), sent);
  }

  @Test
  void manyThatAreSentAtOnceDoNotFillTheStack() {
    List<String> all = new ArrayList<>();
    Outbox fast =
        new Outbox(
            (text, told) -> {
              all.add(text);
              told.accept(true);
            });
    for (int i = 0; i < Outbox.ROOM; i++) {
      assertTrue(fast.put(Kind.ANSWER, "answer " + i));
    }
    fast.flush();
    assertEquals(Outbox.ROOM, all.size());
  }
}
