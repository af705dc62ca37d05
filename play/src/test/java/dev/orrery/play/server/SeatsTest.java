package dev.orrery.play.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.play.server.Seats.Asked;
import dev.orrery.play.server.Seats.Seat;
import java.util.List;
import org.junit.jupiter.api.Test;

class SeatsTest {
  private static final long KEPT = 100;

  private final Seats<String> seats = new Seats<>(KEPT);

  @Test
  void theFirstSteersAndNumbersAreNotGivenTwice() {
    Seat<String> first = seats.join("a");
    Seat<String> second = seats.join("b");
    assertTrue(seats.steers(first));
    seats.lost(second, 0);
    assertTrue(seats.forget(KEPT));
    assertEquals(3, seats.join("c").number());
    assertEquals(List.of("a", "c"), seats.connections());
  }

  @Test
  void whoIsLostIsWaitedForAndThenForgotten() {
    Seat<String> seat = seats.join("a");
    seats.lost(seat, 50);
    assertFalse(seats.forget(50 + KEPT - 1));
    assertTrue(seats.steers(seat));
    seats.comeBack(seats.find(seat.secret()).orElseThrow(), "again");
    assertFalse(seats.forget(1000));
    seats.lost(seat, 1000);
    assertTrue(seats.forget(1000 + KEPT));
    assertTrue(seats.steering().isEmpty());
    assertTrue(seats.find(seat.secret()).isEmpty());
    assertTrue(seats.areEmpty());
  }

  @Test
  void whoStepsAsideForOneWhoAskedDoesNotGetTheKeysBackByComingBack() {
    Seat<String> first = seats.join("a");
    Seat<String> second = seats.join("b");
    assertEquals(Asked.TO_BE_ANSWERED, seats.ask(second));
    seats.lost(first, 0);
    assertTrue(seats.steers(second));
    seats.comeBack(first, "a again");
    assertTrue(seats.steers(second));
    assertEquals(Asked.TO_BE_ANSWERED, seats.ask(first));
  }

  @Test
  void theKeysOfOneWhoIsLostAreThere() {
    Seat<String> first = seats.join("a");
    Seat<String> second = seats.join("b");
    seats.lost(first, 0);
    assertTrue(seats.steers(first));
    assertEquals(Asked.GIVEN, seats.ask(second));
    assertTrue(seats.steers(second));
    assertEquals(Asked.GIVEN, seats.ask(second));
  }

  @Test
  void onlyWhoAsksIsAnswered() {
    Seat<String> first = seats.join("a");
    Seat<String> second = seats.join("b");
    Seat<String> third = seats.join("c");
    assertThrows(BadMessageException.class, () -> seats.answer(2, true));
    seats.ask(second);
    seats.ask(third);
    assertEquals(second, seats.answer(2, false));
    assertThrows(BadMessageException.class, () -> seats.answer(2, true));
    seats.lost(third, 0);
    assertThrows(BadMessageException.class, () -> seats.answer(3, true));
    assertTrue(seats.steers(first));
  }
}
