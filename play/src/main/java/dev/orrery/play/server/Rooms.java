package dev.orrery.play.server;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;

/** The worlds that run: as many as the computer is meant to bear. */
final class Rooms implements AutoCloseable {
  private static final String ANOTHER = "new";

  private final ServerParts parts;
  private final int most;
  private final List<Room> rooms = new ArrayList<>();
  private boolean closed;

  /**
   * @param most worlds at the same time
   */
  Rooms(ServerParts parts, int most) {
    this.parts = parts;
    this.most = most;
  }

  /**
   * Begins the first world, before anybody comes.
   *
   * @return told when it is ready; or, exceptionally, why there is none
   */
  synchronized CompletableFuture<Void> beginFirst() {
    return begin().ready();
  }

  private Room begin() {
    if (closed) {
      throw new BadMessageException("the program ends");
    }
    Room room = Room.begin(parts, this::ended);
    rooms.add(room);
    return room;
  }

  /** Called by the player's thread, which cannot wait for itself. */
  private void ended(Room room) {
    parts
        .worker()
        .execute(
            () -> {
              synchronized (this) {
                rooms.remove(room);
              }
              room.close();
            });
  }

  /** Brings somebody into a world. */
  void join(ViewerSocket socket, ViewerMessage.Hello hello) {
    Room room;
    synchronized (this) {
      if (hello.session().equals(ANOTHER) && rooms.size() >= most) {
        Room left = abandoned();
        rooms.remove(left);
        parts.worker().execute(() -> replace(left, socket, hello));
        return;
      }
      room =
          switch (hello.session()) {
            case "" -> rooms.isEmpty() ? begin() : rooms.getFirst();
            case ANOTHER -> begin();
            default -> named(hello.session());
          };
    }
    room.join(socket, hello.viewer());
  }

  private Room named(String name) {
    return rooms.stream()
        .filter(room -> room.name().equals(name))
        .findFirst()
        .orElseThrow(
            () -> new BadMessageException("session: there is none of this name, or no longer"));
  }

  /** A world that nobody would miss. */
  private Room abandoned() {
    return rooms.stream()
        .filter(Room::isAbandoned)
        .findFirst()
        .orElseThrow(
            () ->
                new BadMessageException(
                    rooms.size() == 1
                        ? "session: there is 1 already, which is as many as are played at the same"
                            + " time; watch it"
                        : "session: there are "
                            + rooms.size()
                            + " already, which is as many as are played at the same time; watch"
                            + " one of them"));
  }

  /** Its memory has to be free before another world takes some. */
  private void replace(Room left, ViewerSocket socket, ViewerMessage.Hello hello) {
    left.close();
    socket.attempt(() -> join(socket, hello));
  }

  /** The worlds now. */
  synchronized List<Room> all() {
    return List.copyOf(rooms);
  }

  /** Looks at the time. */
  void tick(long now, long memory) {
    all().forEach(room -> room.tick(now, memory));
  }

  /** The world that all see who name none; empty while there is none. */
  synchronized Optional<Room> first() {
    return rooms.isEmpty() ? Optional.empty() : Optional.of(rooms.getFirst());
  }

  /** Ends all worlds, and waits for their threads. */
  @Override
  public void close() {
    List<Room> last;
    synchronized (this) {
      closed = true;
      last = List.copyOf(rooms);
      rooms.clear();
    }
    last.forEach(Room::close);
  }
}
