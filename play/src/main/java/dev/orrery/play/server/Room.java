package dev.orrery.play.server;

import dev.orrery.model.session.Start;
import dev.orrery.model.session.WorldModel;
import dev.orrery.play.BlockMade;
import dev.orrery.play.Frame;
import dev.orrery.play.Player;
import dev.orrery.play.PlayerListener;
import dev.orrery.play.PlayerState;
import dev.orrery.play.PlayerStatus;
import dev.orrery.play.server.Outbox.Kind;
import dev.orrery.play.server.Seats.Seat;
import dev.orrery.play.server.ServerMessages.Watching;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;

/**
 * One world and all who watch it. Messages are put into the viewers' boxes while the lock is held,
 * so that they are in the order of what happened; they are sent, and players are waited for, only
 * without it.
 */
final class Room implements PlayerListener, AutoCloseable {
  private final String name = Admission.newSecret();
  private final ServerParts parts;
  private final Consumer<Room> ended;
  private final CompletableFuture<Void> ready = new CompletableFuture<>();
  private final Seats<ViewerSocket> seats;
  private final RecentBlocks recent = new RecentBlocks();

  /** Set before anybody can join. */
  private Player player;

  /** Likewise. */
  private WorldControl control;

  private PlayerState state;
  private String prompt;
  private boolean paused;

  /** Whether the player rests because nobody watches. */
  private boolean asleep;

  private long watchedAt = System.nanoTime();
  private boolean over;
  private Frame packed;
  private ByteBuffer packet;

  private Room(ServerParts parts, Consumer<Room> ended) {
    this.parts = parts;
    this.ended = ended;
    this.seats = new Seats<>(parts.limits().lost().toNanos());
    this.paused = parts.options().paused();
    this.state = new PlayerState(false, paused, false, 0, 0, 0, 0);
    this.prompt = parts.played().beginning().prompt();
  }

  /**
   * Begins a world.
   *
   * @param ended told, on the player's thread, when it cannot go on
   */
  static Room begin(ServerParts parts, Consumer<Room> ended) {
    Room room = new Room(parts, ended);
    WorldModel model = parts.played().model();
    Optional<Path> saved = parts.played().beginning().saved();
    if (saved.isPresent()) {
      room.player = Player.resume(model, saved.get(), parts.options(), room);
    } else {
      Start start = parts.played().beginning().start().orElseThrow();
      room.player = Player.start(model, start, parts.options(), room);
    }
    room.control = new WorldControl(parts, room.player, room);
    return room;
  }

  /** What viewers find it by. */
  String name() {
    return name;
  }

  /** Told when the world is ready; or, exceptionally, that there will be none. */
  CompletableFuture<Void> ready() {
    return ready;
  }

  /** How fast the world is. */
  PlayerStatus status() {
    return player.status();
  }

  /** How many watch now. */
  synchronized int viewers() {
    return seats.connections().size();
  }

  /** Whether nobody watches, and nobody who was lost is waited for. */
  synchronized boolean isAbandoned() {
    return seats.areEmpty();
  }

  /**
   * Lets somebody watch.
   *
   * @param secret of an earlier connection of the same viewer, or empty
   */
  void join(ViewerSocket socket, String secret) {
    Optional<ViewerSocket> replaced;
    synchronized (this) {
      Optional<Seat<ViewerSocket>> known = seats.find(secret);
      replaced = known.flatMap(Seat::connection);
      replaced.ifPresent(ViewerSocket::stands);
      Seat<ViewerSocket> seat = known.orElseGet(() -> seats.join(socket));
      known.ifPresent(it -> seats.comeBack(it, socket));
      socket.sits(this, seat, player.frames());
      socket.put(Kind.ANSWER, ServerMessages.welcome(name, seat.secret(), seat.number(), parts));
      tellState();
      recent.messages().forEach(message -> socket.put(Kind.NEWS, message));
    }
    // Who comes back holds nothing; the page says what it holds.
    replaced.ifPresent(
        old -> {
          releaseIfSteering(socket);
          old.replaced();
        });
    watchedAgain();
    flush();
    if (socket.isClosed()) {
      // It was gone before it sat down, and nobody said so.
      left(socket);
    }
  }

  /** A connection is gone. */
  void left(ViewerSocket socket) {
    synchronized (this) {
      Seat<ViewerSocket> seat = socket.seat();
      if (seat.connection().orElse(null) != socket) {
        return; // the viewer is back already
      }
      socket.stands();
      boolean steered = seats.steers(seat);
      seats.lost(seat, System.nanoTime());
      watchedAt = System.nanoTime();
      if (steered) {
        player.input().release();
      }
      tellState();
    }
    flush();
  }

  private synchronized void releaseIfSteering(ViewerSocket socket) {
    if (seats.steers(socket.seat())) {
      player.input().release();
    }
  }

  /**
   * Does what a viewer says.
   *
   * @throws BadMessageException if it cannot be done
   * @throws IllegalArgumentException likewise
   */
  void message(ViewerSocket socket, ViewerMessage message) {
    if (message instanceof ViewerMessage.Ask) {
      ask(socket);
      return;
    }
    synchronized (this) {
      if (over) {
        throw new BadMessageException("this world has ended: connect again");
      }
      if (!seats.steers(socket.seat())) {
        throw new BadMessageException(
            seats
                .steering()
                .map(seat -> "viewer " + seat.number() + " steers: ask for the keys")
                .orElse("nobody steers: ask for the keys"));
      }
      // While the lock is held, so that keys of one who has given them away are never held.
      switch (message) {
        case ViewerMessage.Keys keys -> player.input().hold(keys.held(), keys.time());
        case ViewerMessage.Look look -> player.input().look(look.right(), look.up(), look.time());
        default -> {}
      }
    }
    switch (message) {
      case ViewerMessage.Pause pause -> pause(pause.on());
      case ViewerMessage.Answer answer -> answer(answer);
      case ViewerMessage.Single _ -> control.single(socket);
      case ViewerMessage.Begin begin -> control.begin(socket, begin);
      case ViewerMessage.Upload upload -> control.expect(socket, upload);
      case ViewerMessage.Back back -> control.back(socket, back.block());
      case ViewerMessage.Record record -> control.record(socket, record.on());
      case ViewerMessage.Save _ -> control.save(socket);
      case ViewerMessage.Keys _, ViewerMessage.Look _ -> {}
      case ViewerMessage.Hello _, ViewerMessage.Ask _ -> throw new IllegalStateException();
    }
  }

  /** An announced file has come. */
  void uploaded(ViewerSocket socket, Upload upload) {
    synchronized (this) {
      if (!seats.steers(socket.seat())) {
        upload.close();
        throw new BadMessageException("the keys are with somebody else by now");
      }
    }
    control.uploaded(socket, upload);
  }

  /** Of a file of the world as it is now, without its ending. */
  synchronized String fileName() {
    return "orrery-" + state.seed() + "-block-" + state.block();
  }

  private void ask(ViewerSocket socket) {
    synchronized (this) {
      if (seats.ask(socket.seat()) == Seats.Asked.GIVEN) {
        player.input().release();
        tellState();
      } else {
        seats
            .steering()
            .flatMap(Seat::connection)
            .ifPresent(
                steering ->
                    steering.put(Kind.ANSWER, ServerMessages.asked(socket.seat().number())));
      }
    }
    flush();
  }

  private void answer(ViewerMessage.Answer answer) {
    synchronized (this) {
      Seat<ViewerSocket> asked = seats.answer(answer.viewer(), answer.give());
      if (answer.give()) {
        player.input().release();
        tellState();
      } else {
        asked.connection().ifPresent(it -> it.put(Kind.ANSWER, ServerMessages.refused()));
      }
    }
    flush();
  }

  private void pause(boolean on) {
    synchronized (this) {
      paused = on;
      player.pause(paused || asleep);
    }
  }

  private void watchedAgain() {
    synchronized (this) {
      if (asleep) {
        asleep = false;
        player.pause(paused);
      }
    }
  }

  /** Looks at the time. */
  void tick(long now, long memory) {
    synchronized (this) {
      List<ViewerSocket> watching = seats.connections();
      boolean unwatched = now - watchedAt >= parts.limits().unwatched().toNanos();
      if (watching.isEmpty() && unwatched && !asleep && !over) {
        asleep = true;
        player.pause(true);
      }
      if (seats.forget(now)) {
        tellState();
      }
      PlayerStatus status = player.status();
      for (ViewerSocket socket : watching) {
        socket.put(
            Kind.STATUS,
            ServerMessages.status(status, memory, parts.plan().playing(), socket.droppedFrames()));
      }
    }
    flush();
  }

  @Override
  public void preparing(String stage, int done, int total) {
    parts.progress().report(stage, done, total);
    tellAll(Kind.PROGRESS, ServerMessages.preparing(stage, done, total));
  }

  @Override
  public void stateChanged(PlayerState now) {
    synchronized (this) {
      state = now;
      tellState();
    }
    flush();
    if (now.ready()) {
      ready.complete(null);
    }
  }

  @Override
  public void blockMade(BlockMade block) {
    parts.traffic().blocks.increment();
    List<String> messages = new ArrayList<>();
    messages.add(ServerMessages.block(block));
    block.path().ifPresent(path -> messages.add(ServerMessages.path(block, path)));
    synchronized (this) {
      recent.made(block, messages);
      for (ViewerSocket socket : seats.connections()) {
        messages.forEach(message -> socket.put(Kind.NEWS, message));
      }
    }
    flush();
  }

  @Override
  public void trouble(String reason) {
    tellAll(Kind.ANSWER, ServerMessages.error(reason));
    control.recordingEnded();
  }

  @Override
  public void failed(String reason) {
    synchronized (this) {
      over = true;
    }
    tellAll(Kind.ANSWER, ServerMessages.ended(reason));
    ready.completeExceptionally(new IllegalStateException(reason));
    ended.accept(this);
  }

  /**
   * Another world is played.
   *
   * @param words the text of its prompt; empty if it is not known
   */
  void entered(String words) {
    synchronized (this) {
      recent.clear();
      prompt = words;
      tellState();
    }
    flush();
  }

  /** The world was taken back to where a block began. */
  synchronized void wentBack(int block) {
    recent.before(block);
  }

  private void tellAll(Kind kind, String text) {
    synchronized (this) {
      seats.connections().forEach(socket -> socket.put(kind, text));
    }
    flush();
  }

  /** Puts the state into all boxes; the caller holds the lock and flushes later. */
  private void tellState() {
    List<ViewerSocket> watching = seats.connections();
    int steers = seats.steering().map(Seat::number).orElse(0);
    String text =
        ServerMessages.state(state, paused, new Watching(steers, watching.size()), prompt);
    watching.forEach(socket -> socket.put(Kind.STATE, text));
  }

  private void flush() {
    List<ViewerSocket> watching;
    synchronized (this) {
      watching = seats.connections();
    }
    watching.forEach(ViewerSocket::flush);
  }

  /** A frame as it is sent; made once for all who watch. */
  synchronized ByteBuffer packet(Frame frame) {
    if (packed != frame) {
      packed = frame;
      packet = ServerMessages.frame(frame).asReadOnlyBuffer();
    }
    return packet.duplicate();
  }

  /** Ends the world and waits for its threads. Not to be called by the player's thread. */
  @Override
  public void close() {
    synchronized (this) {
      over = true;
    }
    player.close();
    control.close();
  }
}
