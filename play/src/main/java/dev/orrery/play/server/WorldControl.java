package dev.orrery.play.server;

import dev.orrery.model.session.Start;
import dev.orrery.model.text.EncodedPrompt;
import dev.orrery.play.Player;
import dev.orrery.runtime.media.ImageLimits;
import dev.orrery.runtime.media.RgbImage;
import dev.orrery.video.UnusableVideoException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;

/**
 * What takes more than a moment: another world, going back, files that come and go. The one who
 * asked is told how it ended.
 */
final class WorldControl implements AutoCloseable {
  /** Things that can be asked for before the first of them is done; people ask for one. */
  private static final int MOST_ASKED = 8;

  private final ServerParts parts;
  private final Player player;
  private final Room room;
  private final AtomicInteger asked = new AtomicInteger();

  /** What the world that runs began with; empty if it is a saved session, which does not say it. */
  private volatile Optional<Begun> begun;

  private final AtomicReference<WorldRecording> recording = new AtomicReference<>();

  private volatile Optional<RgbImage> picture = Optional.empty();

  /**
   * A world's beginning.
   *
   * @param prompt its text, if it is known
   */
  private record Begun(Start start, String prompt) {}

  WorldControl(ServerParts parts, Player player, Room room) {
    this.parts = parts;
    this.player = player;
    this.room = room;
    PlayedModel.Beginning first = parts.played().beginning();
    begun =
        first.saved().isPresent()
            ? Optional.empty()
            : first.start().map(start -> new Begun(start, first.prompt()));
  }

  /** Makes one block. */
  void single(ViewerSocket socket) {
    ask(socket, player::single, () -> {});
  }

  /** Goes back to where a block began. */
  void back(ViewerSocket socket, int block) {
    ask(socket, () -> player.back(block), () -> room.wentBack(block));
  }

  /** Begins another world. */
  void begin(ViewerSocket socket, ViewerMessage.Begin wanted) {
    Begun from =
        switch (wanted.image()) {
          case SAME ->
              begun.orElseThrow(
                  () ->
                      new BadMessageException(
                          "image: a saved session does not have its images: choose others"));
          case MODEL -> ownBeginning();
          case UPLOADED -> uploadedBeginning();
        };
    boolean reworded = !wanted.prompt().isEmpty() && !wanted.prompt().equals(from.prompt());
    if (reworded && parts.played().encoder().isEmpty()) {
      throw new BadMessageException("prompt: the model takes none, or has nothing to encode it");
    }
    Start old = from.start();
    Start same = new Start(old.images(), old.tokens(), old.prompt(), wanted.seed());
    parts.played().requirements().check(same);
    String words = reworded ? wanted.prompt() : from.prompt();
    ask(
        socket,
        () ->
            (reworded
                    ? CompletableFuture.supplyAsync(
                        () -> same.prompted(encoded(wanted.prompt())), parts.worker())
                    : CompletableFuture.completedFuture(same))
                .thenCompose(
                    start ->
                        player
                            .restart(start)
                            .thenRun(() -> begun = Optional.of(new Begun(start, words)))),
        () -> room.entered(words));
  }

  private EncodedPrompt encoded(String text) {
    return parts.played().encoder().orElseThrow().encode(text);
  }

  private Begun ownBeginning() {
    PlayedModel.Beginning own = parts.played().beginning();
    return new Begun(
        own.start()
            .orElseThrow(
                () ->
                    new BadMessageException(
                        "image: the program was started with a saved session and no image")),
        own.prompt());
  }

  private Begun uploadedBeginning() {
    RgbImage image =
        picture.orElseThrow(() -> new BadMessageException("image: none was uploaded yet"));
    Optional<Begun> words =
        begun.or(() -> parts.played().beginning().start().map(it -> ownBeginning()));
    Start start = Start.of(image, 0);
    return new Begun(
        words.flatMap(it -> it.start().prompt()).map(start::prompted).orElse(start),
        words.map(Begun::prompt).orElse(""));
  }

  /** A file will come. */
  void expect(ViewerSocket socket, ViewerMessage.Upload announced) {
    boolean image = announced.kind() == FileKind.IMAGE;
    long most = image ? ImageLimits.UPLOAD.bytes() : parts.sessionBytes();
    if (announced.bytes() > most) {
      throw new BadMessageException(
          "bytes: expected at most "
              + most
              + " for "
              + (image ? "an image" : "a session of this model")
              + ", found "
              + announced.bytes());
    }
    socket.expect(
        image
            ? Upload.image(announced.bytes())
            : Upload.session(announced.bytes(), parts.downloads().room(FileKind.SESSION)));
  }

  /** It came. */
  void uploaded(ViewerSocket socket, Upload upload) {
    if (upload.kind() == FileKind.IMAGE) {
      read(socket, upload);
    } else {
      goOn(socket, upload);
    }
  }

  private void read(ViewerSocket socket, Upload upload) {
    try {
      RgbImage image = RgbImage.read(new ByteArrayInputStream(upload.bytes()), ImageLimits.UPLOAD);
      parts.played().requirements().check(image);
      picture = Optional.of(image);
      socket.answer(ServerMessages.uploaded(image.width(), image.height()));
    } catch (IOException | OutOfMemoryError e) {
      throw new BadMessageException(Reasons.of(e));
    }
  }

  private void goOn(ViewerSocket socket, Upload upload) {
    ask(
        socket,
        () ->
            player
                .goOn(upload.file())
                .whenComplete((done, failure) -> upload.close())
                .thenRun(() -> begun = Optional.empty()),
        upload.file(),
        () -> room.entered(""));
  }

  /** Saves the session. */
  void save(ViewerSocket socket) {
    Path file = parts.downloads().room(FileKind.SESSION);
    ask(
        socket,
        () -> player.save(file),
        file,
        () -> offer(socket, FileKind.SESSION, room.fileName(), file));
  }

  private void offer(ViewerSocket socket, FileKind kind, String name, Path file) {
    try {
      long bytes = Files.size(file);
      Downloads.Offered offered = parts.downloads().offer(kind, name + kind.ending(), file);
      socket.answer(
          ServerMessages.file(offered, offered.path() + parts.admission().query(), bytes));
    } catch (IOException e) {
      socket.answer(ServerMessages.error(Reasons.of(e)));
    }
  }

  private void ask(ViewerSocket socket, Supplier<CompletableFuture<Void>> what, Runnable then) {
    ask(socket, what, null, then);
  }

  /**
   * Asks for something and tells how it ended.
   *
   * @param file the place of a file that strangers do not know; null if there is none
   * @param then done when it worked
   */
  private void ask(
      ViewerSocket socket, Supplier<CompletableFuture<Void>> what, Path file, Runnable then) {
    if (asked.incrementAndGet() > MOST_ASKED) {
      asked.decrementAndGet();
      throw new BadMessageException("too much was asked for that is not done yet");
    }
    what.get()
        .whenComplete(
            (done, failure) -> {
              asked.decrementAndGet();
              if (failure == null) {
                then.run();
              } else {
                String reason = Reasons.of(failure);
                socket.error(
                    file == null ? reason : reason.replace(file.toString(), "the session"));
              }
            });
  }

  /** Begins or ends a recording. */
  void record(ViewerSocket socket, boolean on) {
    if (on) {
      beginRecording(socket);
    } else if (recording.get() == null) {
      throw new BadMessageException("record: nothing is being recorded");
    } else {
      ask(
          socket,
          () -> player.stopRecording().thenRunAsync(this::finishRecording, parts.worker()),
          () -> {});
    }
  }

  private void beginRecording(ViewerSocket socket) {
    WorldRecording begun;
    try {
      begun = new WorldRecording(parts.played().model(), parts.downloads(), socket);
    } catch (IOException | UnusableVideoException e) {
      throw new BadMessageException(Reasons.of(e));
    }
    if (!recording.compareAndSet(null, begun)) {
      begun.close();
      throw new BadMessageException("record: a recording goes on already");
    }
    ask(
        socket,
        () ->
            player
                .record(begun)
                .whenComplete(
                    (done, failure) -> {
                      if (failure != null) {
                        dropRecording();
                      }
                    }),
        () -> begun.beganAt(room.fileName()));
  }

  /** The player has ended the recording by itself: what there is is kept. */
  void recordingEnded() {
    parts.worker().execute(this::finishRecording);
  }

  private void finishRecording() {
    WorldRecording ended = recording.getAndSet(null);
    if (ended == null) {
      return;
    }
    try (ended) {
      ended.finish();
      offer(ended.asker(), FileKind.VIDEO, ended.name(), ended.video());
      if (Files.exists(ended.actions())) {
        offer(ended.asker(), FileKind.ACTIONS, ended.name(), ended.actions());
      }
    } catch (IOException | IllegalStateException e) {
      ended.asker().error("record: " + Reasons.of(e));
    }
  }

  private void dropRecording() {
    WorldRecording dropped = recording.getAndSet(null);
    if (dropped != null) {
      dropped.close();
    }
  }

  /** Deletes what was being recorded. The player is closed before. */
  @Override
  public void close() {
    dropRecording();
  }
}
