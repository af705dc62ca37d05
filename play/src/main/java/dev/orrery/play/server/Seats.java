package dev.orrery.play.server;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Who watches a world, who of them steers, and who wants to. A viewer whose connection is lost
 * keeps number and keys for a while, unless somebody else wants them. Not for several threads.
 *
 * @param <C> a viewer's connection
 */
final class Seats<C> {
  private final long keptNanos;
  private final Map<String, Seat<C>> seats = new LinkedHashMap<>();
  private final Set<Seat<C>> asking = new LinkedHashSet<>();
  private Seat<C> steering;
  private int numbers;

  /** What came of asking for the keys. */
  enum Asked {
    /** They are given. */
    GIVEN,
    /** The one who has them is to be asked. */
    TO_BE_ANSWERED
  }

  /** A viewer. */
  static final class Seat<C> {
    private final int number;
    private final String secret;

    /** Null while it is lost. */
    private C connection;

    private long lostAt;

    private Seat(int number, String secret) {
      this.number = number;
      this.secret = secret;
    }

    /** How others see the viewer, from 1. */
    int number() {
      return number;
    }

    /** What the viewer proves to be the same with. */
    String secret() {
      return secret;
    }

    /** The connection, while there is one. */
    Optional<C> connection() {
      return Optional.ofNullable(connection);
    }
  }

  /**
   * @param keptNanos for how long a lost viewer is waited for
   */
  Seats(long keptNanos) {
    this.keptNanos = keptNanos;
  }

  /** The seat of a secret, if it is kept still. */
  Optional<Seat<C>> find(String secret) {
    return Optional.ofNullable(seats.get(secret));
  }

  /** Gives somebody new a seat, and the keys if nobody has them. */
  Seat<C> join(C connection) {
    Seat<C> seat = new Seat<>(++numbers, Admission.newSecret());
    seat.connection = connection;
    seats.put(seat.secret, seat);
    if (steering == null) {
      steering = seat;
    }
    return seat;
  }

  /** Somebody is back. */
  void comeBack(Seat<C> seat, C connection) {
    seat.connection = connection;
    if (steering == null) {
      steering = seat;
    }
  }

  /** A connection was lost. Who steered and is asked for the keys gives them. */
  void lost(Seat<C> seat, long now) {
    seat.connection = null;
    seat.lostAt = now;
    asking.remove(seat);
    if (steering == seat && !asking.isEmpty()) {
      giveTo(asking.iterator().next());
    }
  }

  /**
   * Forgets those who were lost for too long.
   *
   * @return whether there were any
   */
  boolean forget(long now) {
    boolean any =
        seats.values().removeIf(seat -> seat.connection == null && now - seat.lostAt >= keptNanos);
    if (steering != null && !seats.containsKey(steering.secret)) {
      steering = null;
    }
    return any;
  }

  /** Somebody wants the keys. */
  Asked ask(Seat<C> seat) {
    if (steering == null || steering == seat || steering.connection == null) {
      giveTo(seat);
      return Asked.GIVEN;
    }
    asking.add(seat);
    return Asked.TO_BE_ANSWERED;
  }

  /**
   * Who steers answers.
   *
   * @return the one who had asked
   * @throws BadMessageException if that one had not
   */
  Seat<C> answer(int number, boolean give) {
    Seat<C> asked =
        asking.stream()
            .filter(seat -> seat.number == number)
            .findFirst()
            .orElseThrow(
                () -> new BadMessageException("viewer " + number + " does not ask for the keys"));
    if (give) {
      giveTo(asked);
    } else {
      asking.remove(asked);
    }
    return asked;
  }

  private void giveTo(Seat<C> seat) {
    steering = seat;
    asking.remove(seat);
  }

  /** Whether somebody has the keys. */
  boolean steers(Seat<C> seat) {
    return steering == seat;
  }

  /** Who has the keys; may be lost. */
  Optional<Seat<C>> steering() {
    return Optional.ofNullable(steering);
  }

  /** The connections of all who watch now. */
  List<C> connections() {
    List<C> all = new ArrayList<>();
    seats.values().forEach(seat -> seat.connection().ifPresent(all::add));
    return all;
  }

  /** Whether nobody watches, and nobody who was lost is waited for. */
  boolean areEmpty() {
    return seats.isEmpty();
  }
}
