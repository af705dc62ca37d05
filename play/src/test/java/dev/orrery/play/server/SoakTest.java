package dev.orrery.play.server;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.model.session.Progress;
import dev.orrery.model.session.ResidentMemory;
import dev.orrery.play.PlayerOptions;
import dev.orrery.runtime.checkpoint.JsonValue;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.lang.management.MemoryUsage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * People come, press keys, save, go back, lose their connection and leave: for twenty seconds, or
 * for as long as {@code -Dsoak.minutes=N} says, with {@code -Dsurefire.timeout=0}.
 */
class SoakTest {
  private static final String MINUTES = "soak.minutes";
  private static final double SHORT_MINUTES = 1.0 / 3;
  private static final String[] KEYS = {"w", "s", "a", "d", "i", "j", "k", "l"};

  /**
   * Memory is measured as often. Of the last third of the measurements the least is not to be more
   * than of the one before: in the first third code is compiled, and a state that is being copied
   * when it is measured adds to one and not to the other.
   */
  private static final long MEASURED_NANOS = TimeUnit.MINUTES.toNanos(1);

  private static final double GROWTH = 1.01;

  /**
   * One a second, of which the least counts: HotSpot gives back every five seconds what its
   * compilers do not need any more, and a little later what was uncommitted of the heap.
   */
  private static final int MEASUREMENTS = 8;

  /** After as many blocks of a start there are as many states to go back to as there may be. */
  private static final int BLOCKS_OF_ALL_STATES = 12;

  private final Random random = new Random(3);

  @Test
  @Timeout(value = 1, unit = TimeUnit.DAYS)
  void nothingGrowsAndNothingIsLeft() throws Exception {
    double minutes = Double.parseDouble(System.getProperty(MINUTES, String.valueOf(SHORT_MINUTES)));
    Set<Thread> threads = threads();
    List<Path> files = files();
    long began = System.nanoTime();
    long measured = began;
    List<Long> resident = new ArrayList<>();
    String blocks;
    try (ServedDemo demo =
        new ServedDemo(
            new ServerOptions("127.0.0.1", 0, 1, new PlayerOptions(64 << 20, false)),
            ServedDemo.QUICK)) {
      String secret = "";
      do {
        secret = visit(demo.server(), secret);
        if (System.nanoTime() - measured > MEASURED_NANOS) {
          resident.add(residentWithAllStates(demo.server(), secret));
          measured = System.nanoTime();
        }
      } while (System.nanoTime() - began < minutes * TimeUnit.MINUTES.toNanos(1));
      blocks =
          RawHttp.get(demo.server(), "/metrics")
              .text()
              .replaceAll("(?s).*\nblocks (\\d+)\n.*", "$1");
    }
    assertNothingLeft(threads, files);
    if (resident.size() >= 3) {
      System.out.printf(
          Locale.ROOT,
          "%s blocks; resident memory in MB, minute by minute: %s%n",
          blocks,
          resident.stream().map(bytes -> String.valueOf(bytes >> 20)).toList());
      int third = resident.size() / 3;
      long settled = Collections.min(resident.subList(third, 2 * third));
      long last = Collections.min(resident.subList(2 * third, resident.size()));
      assertTrue(last <= GROWTH * settled, resident + " bytes");
    }
  }

  /** Resident memory in a situation that is the same each time. */
  private long residentWithAllStates(PlayServer server, String secret) throws InterruptedException {
    TestViewer viewer = TestViewer.hello(server, "", secret);
    try {
      steer(viewer);
      viewer.send("{\"type\":\"start\",\"seed\":\"1\",\"prompt\":\"\",\"image\":\"same\"}");
      viewer.await("block", it -> it.integer("block") == 0);
      viewer.await("block", it -> it.integer("block") == BLOCKS_OF_ALL_STATES);
      long least = Long.MAX_VALUE;
      for (int i = 0; i < MEASUREMENTS; i++) {
        least = Math.min(least, settled());
        TimeUnit.SECONDS.sleep(1);
      }
      return least;
    } finally {
      viewer.lose();
    }
  }

  private static long settled() {
    long settled = ResidentMemory.settledBytes();
    // The machine keeps what it once had for the heap: only what is used of it counts.
    MemoryUsage heap = ManagementFactory.getMemoryMXBean().getHeapMemoryUsage();
    return settled - heap.getCommitted() + heap.getUsed();
  }

  /** Somebody comes, does a few things and leaves; returns the secret to come back with. */
  private String visit(PlayServer server, String secret) {
    TestViewer viewer = TestViewer.hello(server, "", secret);
    JsonValue welcome = steer(viewer);
    try (TestViewer other = TestViewer.watching(server)) {
      for (int i = 0; i < 3; i++) {
        viewer.hold(i, KEYS[random.nextInt(KEYS.length)], KEYS[random.nextInt(KEYS.length)]);
        viewer.send("{\"type\":\"look\",\"right\":0.5,\"up\":-0.1,\"time\":" + i + "}");
        viewer.await("block");
        act(viewer);
      }
      other.await("block");
      return random.nextBoolean() ? welcome.string("viewer") : "";
    } finally {
      viewer.lose();
    }
  }

  /** Takes the keys of the one before, who has gone; returns the greeting. */
  private static JsonValue steer(TestViewer viewer) {
    JsonValue welcome = viewer.await("welcome");
    viewer.send("{\"type\":\"ask\"}");
    viewer.await("state", state -> state.integer("steers") == welcome.integer("number"));
    return welcome;
  }

  private void act(TestViewer viewer) {
    viewer.forget();
    switch (random.nextInt(5)) {
      case 0 -> {
        viewer.send("{\"type\":\"save\"}");
        viewer.await("file");
      }
      case 1 -> {
        JsonValue state = viewer.await("state", it -> it.integer("block") > it.integer("first"));
        viewer.send("{\"type\":\"back\",\"block\":" + (state.integer("block") - 1) + "}");
        viewer.await("state", it -> it.integer("start") > state.integer("start"));
      }
      case 2 -> {
        viewer.send("{\"type\":\"record\",\"on\":true}");
        viewer.await("state", state -> state.bool("recording"));
        viewer.await("block");
        viewer.await("block");
        viewer.send("{\"type\":\"record\",\"on\":false}");
        viewer.await("file");
      }
      case 3 -> {
        viewer.send(
            "{\"type\":\"start\",\"seed\":\""
                + random.nextLong()
                + "\",\"prompt\":\"\",\"image\":\"same\"}");
        viewer.await("block", it -> it.integer("block") == 0);
      }
      default -> viewer.send("nonsense");
    }
  }

  @Test
  void serversThatWereOpenedAndClosedLeaveNothing() throws Exception {
    Set<Thread> threads = threads();
    List<Path> files = files();
    int servers = System.getProperty(MINUTES) == null ? 20 : 100;
    try (QuickDemo world = new QuickDemo()) {
      for (int i = 0; i < servers; i++) {
        try (PlayServer server = PlayServer.listen(ServerOptions.DEFAULT, ServedDemo.QUICK)) {
          server.play(world.played(), Progress.NONE);
          try (TestViewer viewer = TestViewer.watching(server)) {
            viewer.await("welcome");
          }
        }
        assertEquals(0, world.openArenas(), "after server " + i);
      }
    }
    assertNothingLeft(threads, files);
  }

  private static void assertNothingLeft(Set<Thread> threads, List<Path> files)
      throws IOException, InterruptedException {
    assertEquals(files, files());
    for (Thread thread : threads()) {
      if (!threads.contains(thread)) {
        // Those of a pool that was told to end may be on their way.
        thread.join(TimeUnit.SECONDS.toMillis(10));
        assertTrue(!thread.isAlive(), thread.getName());
      }
    }
  }

  private static Set<Thread> threads() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith("orrery") || isJetty(thread))
        .collect(Collectors.toSet());
  }

  private static boolean isJetty(Thread thread) {
    return thread.getName().contains("Scheduler") || thread.getName().contains("jetty");
  }

  private static List<Path> files() throws IOException {
    try (Stream<Path> files = Files.list(Path.of(System.getProperty("java.io.tmpdir")))) {
      return files
          .filter(file -> file.getFileName().toString().startsWith(Downloads.PREFIX))
          .sorted()
          .toList();
    }
  }
}
