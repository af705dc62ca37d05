package dev.orrery.benchmarks;

import dev.orrery.model.session.Start;
import dev.orrery.model.session.WorldModel;
import dev.orrery.play.BlockMade;
import dev.orrery.play.Player;
import dev.orrery.play.PlayerListener;
import dev.orrery.play.PlayerOptions;
import dev.orrery.play.PlayerState;
import dev.orrery.play.PlayerStatus;
import java.net.URI;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * How long frames took to answer keys that were pressed at random times, in milliseconds.
 *
 * @param pressed from a key until the first frame of the block that was made with it
 * @param read from the moment when a block read its input until its first frame; empty where nobody
 *     can tell
 * @param making what blocks took to make: passes, decoding and what is left for later blocks
 * @param playing how long a block is shown
 */
record PlayLatency(List<Double> pressed, List<Double> read, List<Double> making, double playing) {
  private static final List<String> KEYS = List.of("w", "a", "s", "d", "j", "l", "i", "k");
  private static final long SEED = 7;

  /** What threads and the network may take on top. */
  private static final double MARGIN = 50;

  private static final long PATIENCE_SECONDS = 60;

  /** Where keys are pressed. */
  @FunctionalInterface
  interface Keyboard {
    /**
     * Holds one key.
     *
     * @param time comes back with the frames that are made with it
     */
    void hold(String key, double time) throws Exception;
  }

  /** Milliseconds of a clock that only goes forward; never 0. */
  static double now() {
    return System.nanoTime() / 1e6;
  }

  /** Plays in this program. */
  static PlayLatency ofPlayer(WorldModel model, Start start, int keys) throws Exception {
    CountDownLatch ready = new CountDownLatch(1);
    List<Double> making = Collections.synchronizedList(new ArrayList<>());
    List<Double> read = Collections.synchronizedList(new ArrayList<>());
    BlockingQueue<Double> answers = new LinkedBlockingQueue<>();
    AtomicReference<Player> playing = new AtomicReference<>();
    PlayerListener listener =
        new PlayerListener() {
          @Override
          public void stateChanged(PlayerState state) {
            if (state.ready()) {
              ready.countDown();
            }
          }

          @Override
          public void blockMade(BlockMade block) {
            PlayerStatus status = playing.get().status();
            making.add(status.passesMillis() + status.decodingMillis() + status.completingMillis());
          }
        };
    PlayerOptions options = new PlayerOptions(PlayerOptions.DEFAULT.rewindBytes(), true);
    try (Player player = Player.start(model, start, options, listener)) {
      playing.set(player);
      player
          .frames()
          .subscribe(
              (frame, done) -> {
                if (frame.index() == 0) {
                  read.add((System.nanoTime() - frame.read()) / 1e6);
                  answers.add(frame.time());
                }
                done.run();
              });
      require(ready.await(PATIENCE_SECONDS, TimeUnit.SECONDS));
      player.pause(false).join();
      List<Double> pressed =
          press(keys, (key, time) -> player.input().hold(List.of(key), time), answers);
      return new PlayLatency(pressed, read, making, playing(model));
    }
  }

  /** Plays in a server, as its only viewer. */
  static PlayLatency ofSocket(URI address, WorldModel model, int keys) throws Exception {
    try (PlayViewer viewer = PlayViewer.connect(address)) {
      List<Double> pressed = press(keys, viewer, viewer.answers());
      return new PlayLatency(pressed, List.of(), viewer.making(), playing(model));
    }
  }

  private static double playing(WorldModel model) {
    return 1000.0 * model.framesOfChunk(1) / model.framesPerSecond();
  }

  /** Presses keys, each some time after the one before was answered. */
  private static List<Double> press(int keys, Keyboard keyboard, BlockingQueue<Double> answers)
      throws Exception {
    Random random = new Random(SEED);
    List<Double> took = new ArrayList<>();
    // Code that is still being compiled is not what people play with.
    int warming = keys / 4;
    for (int i = -warming; i < keys; i++) {
      TimeUnit.MILLISECONDS.sleep(random.nextInt(600));
      double time = now();
      keyboard.hold(KEYS.get(random.nextInt(KEYS.size())), time);
      Double answer;
      do {
        answer = answers.poll(PATIENCE_SECONDS, TimeUnit.SECONDS);
        require(answer != null);
      } while (answer != time);
      if (i >= 0) {
        took.add(now() - time);
      }
    }
    return took;
  }

  static void require(boolean came) {
    if (!came) {
      throw new IllegalStateException("no frame came for " + PATIENCE_SECONDS + " s");
    }
  }

  /**
   * A row of the report.
   *
   * @param times of which it tells
   * @param waits whether a block that is being made, or shown, had to end first
   */
  String row(String what, List<Double> times, boolean waits) {
    double made = quantile(making, 0.5);
    return String.format(
        Locale.ROOT,
        "    {\"what\": \"%s\", \"p50\": %.1f, \"p95\": %.1f, \"p99\": %.1f, \"making\": %.1f,"
            + " \"playing\": %.1f, \"most\": %.1f}",
        what,
        quantile(times, 0.5),
        quantile(times, 0.95),
        quantile(times, 0.99),
        made,
        playing,
        (waits ? Math.max(made, playing) : 0) + made + MARGIN);
  }

  private static double quantile(List<Double> values, double share) {
    List<Double> sorted = values.stream().sorted().toList();
    return sorted.get((int) Math.min(sorted.size() - 1, Math.floor(share * sorted.size())));
  }
}
