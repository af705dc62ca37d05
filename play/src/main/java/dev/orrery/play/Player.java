package dev.orrery.play;

import dev.orrery.model.session.ActionInput;
import dev.orrery.model.session.ChunkTimes;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.Start;
import dev.orrery.model.session.VideoFrames;
import dev.orrery.model.session.WorldModel;
import dev.orrery.model.session.WorldSession;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;

/**
 * Plays one world on a thread of its own: makes a block when playback needs it, with what is held
 * then, and shows its frames to all who watch.
 *
 * <p>Everything else that is asked of it is done between two blocks, in the order in which it was
 * asked; a future tells when. A future that fails says why in one line, and the world goes on as if
 * nothing had been asked.
 */
public final class Player implements AutoCloseable {
  /** Blocks that nobody sees, before the first: they compile the code. */
  private static final int HIDDEN_BLOCKS = 1;

  private final WorldModel model;
  private final PlayerOptions options;
  private final PlayerListener listener;
  private final HeldInput input;
  private final FrameHub hub = new FrameHub();
  private final Playback playback;
  private final BlockingQueue<Command<?>> commands = new LinkedBlockingQueue<>();
  private final Thread thread;

  /**
   * Null before the first start. The player's thread changes it; others may cancel what it does.
   */
  private volatile PlayedWorld world;

  private volatile boolean closing;
  private boolean paused;
  private Recording recording;
  private int start;

  private Player(WorldModel model, PlayerOptions options, PlayerListener listener) {
    this.model = model;
    this.options = options;
    this.listener = listener;
    input = new HeldInput(model.actionSpace());
    paused = options.paused();
    playback = new Playback(hub, model.framesPerSecond());
    thread = Thread.ofPlatform().name("orrery-player").unstarted(this::run);
  }

  /**
   * Starts a world and plays it. Returns at once; the listener is told when the world is ready, or
   * that it failed.
   *
   * @param model must be closed after the player
   * @param listener told what happens, on the player's thread
   */
  public static Player start(
      WorldModel model, Start start, PlayerOptions options, PlayerListener listener) {
    return begin(
        new Player(model, options, listener), p -> p.enter(p.model.start(start, p.progress())));
  }

  /**
   * Goes on with a saved session, as {@link #start} starts one.
   *
   * @param saved what {@link #save} wrote
   */
  public static Player resume(
      WorldModel model, Path saved, PlayerOptions options, PlayerListener listener) {
    return begin(
        new Player(model, options, listener), p -> p.enter(p.model.resume(saved, p.progress())));
  }

  private static Player begin(Player player, Consumer<Player> beginning) {
    player
        .ask(
            true,
            () -> {
              beginning.accept(player);
              return null;
            })
        .whenComplete(
            (nothing, failure) -> {
              if (failure != null && !player.closing) {
                player.listener.failed(reason(failure));
              }
            });
    player.thread.start();
    return player;
  }

  /** What is held and moved: to be written by any thread. */
  public HeldInput input() {
    return input;
  }

  /** Where frames are watched. */
  public FrameHub frames() {
    return hub;
  }

  /** Stops making blocks, or goes on. */
  public CompletableFuture<Void> pause(boolean on) {
    return ask(
        false,
        () -> {
          paused = on;
          tellState();
          return null;
        });
  }

  /** Makes one block now, paused or not. */
  public CompletableFuture<Void> single() {
    return ask(
        false,
        () -> {
          requireWorld();
          makeBlock();
          return null;
        });
  }

  /**
   * Starts another world in place of this one. Fails with {@link
   * dev.orrery.model.session.UnusableStartException} if the model cannot start so, and with {@link
   * IllegalStateException} while a recording goes on.
   */
  public CompletableFuture<Void> restart(Start next) {
    return ask(
        true,
        () -> {
          requireNoRecording();
          enter(model.start(next, progress()));
          return null;
        });
  }

  /**
   * Goes on with a saved session in place of this one. Fails with {@link
   * dev.orrery.runtime.checkpoint.CheckpointException} if it is none of this model.
   */
  public CompletableFuture<Void> goOn(Path saved) {
    return ask(
        true,
        () -> {
          requireNoRecording();
          enter(model.resume(saved, progress()));
          return null;
        });
  }

  /**
   * Goes back to where a block began; what came after is forgotten. Fails with {@link
   * IllegalArgumentException} if there is no such block.
   */
  public CompletableFuture<Void> back(int block) {
    return ask(
        true,
        () -> {
          requireWorld();
          requireNoRecording();
          world.back(block);
          begins();
          return null;
        });
  }

  /** Saves the session, see {@link WorldSession#save}. */
  public CompletableFuture<Void> save(Path file) {
    return ask(
        false,
        () -> {
          requireWorld();
          world.session().save(file, Progress.NONE);
          return null;
        });
  }

  /**
   * A session that has come just as far, to be closed by the caller; see {@link WorldSession#fork}.
   */
  public CompletableFuture<WorldSession> fork() {
    return ask(
        false,
        () -> {
          requireWorld();
          return world.session().fork();
        });
  }

  /** The inputs of all blocks since the start, one for each video frame. */
  public CompletableFuture<List<ActionInput>> inputs() {
    return ask(
        false,
        () -> {
          requireWorld();
          return world.inputs();
        });
  }

  /** Gives all blocks from the next one on to a recording, in place of the one before. */
  public CompletableFuture<Void> record(Recording to) {
    return ask(
        false,
        () -> {
          requireWorld();
          recording = to;
          tellState();
          return null;
        });
  }

  /** Ends the recording, which is complete up to the newest block. */
  public CompletableFuture<Void> stopRecording() {
    return ask(
        false,
        () -> {
          recording = null;
          tellState();
          return null;
        });
  }

  /** How fast it is. */
  public PlayerStatus status() {
    PlayedWorld now = world;
    ChunkTimes times =
        Optional.ofNullable(now)
            .flatMap(playing -> playing.session().times())
            .orElse(new ChunkTimes(0, 0, 0, 0));
    return new PlayerStatus(
        playback.framesPerSecond(),
        playback.keyToFrameMillis(),
        times.generatingNanos() / 1e6,
        times.completingNanos() / 1e6,
        times.decodingNanos() / 1e6);
  }

  /**
   * Asks for something.
   *
   * @param replaces whether the block that is being made is not wanted any more
   */
  private <T> CompletableFuture<T> ask(boolean replaces, Callable<T> does) {
    Command<T> command = new Command<>(does, new CompletableFuture<>());
    commands.add(command);
    PlayedWorld now = world;
    if (replaces && now != null) {
      now.session().cancel();
    }
    if (closing) {
      command.refuse();
    }
    return command.done();
  }

  private Progress progress() {
    return listener::preparing;
  }

  private void requireWorld() {
    if (world == null) {
      throw new IllegalStateException("the world is not ready");
    }
  }

  private void requireNoRecording() {
    if (recording != null) {
      throw new IllegalStateException("a recording is going on: end it first");
    }
  }

  /** Plays another session from now on. */
  private void enter(WorldSession session) {
    PlayedWorld next = new PlayedWorld(model, session, options.rewindBytes());
    try {
      if (world == null) {
        next.warmUp(HIDDEN_BLOCKS);
      }
    } catch (RuntimeException | Error e) {
      next.close();
      throw e;
    }
    if (world != null) {
      world.close();
    }
    world = next;
    begins();
  }

  private void begins() {
    start++;
    playback.discard();
    tellState();
  }

  private void tellState() {
    PlayedWorld now = world;
    listener.stateChanged(
        now == null
            ? new PlayerState(false, paused, false, start, 0, 0, 0)
            : new PlayerState(
                true,
                paused,
                recording != null,
                start,
                now.session().chunk(),
                now.first(),
                now.session().seed()));
  }

  private void run() {
    try {
      while (!closing) {
        Command<?> command = awaitCommand();
        if (command != null) {
          command.run();
        } else {
          makeBlock();
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } catch (RuntimeException | Error e) {
      listener.failed(reason(e));
    } finally {
      closing = true;
      if (world != null) {
        world.close();
      }
      commands.forEach(Command::refuse);
    }
  }

  /** The next command; null if it is time for a block before one comes. */
  private Command<?> awaitCommand() throws InterruptedException {
    if (world == null || paused) {
      return commands.take();
    }
    long wait = world.clock().next(playback.end()) - System.nanoTime();
    return commands.poll(Math.max(0, wait), TimeUnit.NANOSECONDS);
  }

  private void makeBlock() {
    List<VideoFrames> frames = new ArrayList<>();
    HeldInput.Reading reading = input.take(world.session().nextFrames());
    BlockMade made;
    try {
      made = world.make(start, reading, playback, frames);
    } catch (CancellationException e) {
      // Somebody asked for another world, and is next.
      return;
    }
    if (recording != null) {
      record(reading, frames);
    }
    listener.blockMade(made);
    tellState();
  }

  private void record(HeldInput.Reading reading, List<VideoFrames> frames) {
    try {
      recording.block(reading.inputs(), frames);
    } catch (IOException | RuntimeException e) {
      recording = null;
      listener.trouble("the recording has ended: " + reason(e));
    }
  }

  private static String reason(Throwable failure) {
    return failure.getMessage() == null ? failure.toString() : failure.getMessage();
  }

  /** Ends the block that is being made, closes the session and waits for the player's threads. */
  @Override
  public void close() {
    closing = true;
    ask(true, () -> null);
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    playback.close();
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
