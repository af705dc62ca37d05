package dev.orrery.play;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.model.session.Action;
import dev.orrery.model.session.ActionInput;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.Start;
import dev.orrery.model.session.UnusableStartException;
import dev.orrery.model.session.VideoFrames;
import dev.orrery.model.session.WorldSession;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class PlayerTest {
  private static final PlayerOptions PAUSED = new PlayerOptions(64L << 20, true);

  private static DemoWorld demo;

  @TempDir Path folder;

  @BeforeAll
  static void load() {
    demo = new DemoWorld();
  }

  @AfterAll
  static void unload() {
    demo.close();
  }

  @AfterEach
  void nothingIsLeft() {
    assertEquals(0, demo.openArenas());
  }

  /** Frames and inputs of a player, as a recording gets them. */
  private static final class Made implements Recording {
    private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    private final List<ActionInput> inputs = new ArrayList<>();

    @Override
    public void block(List<ActionInput> held, List<VideoFrames> frames) {
      inputs.addAll(held);
      frames.forEach(piece -> bytes.writeBytes(piece.rgb()));
    }
  }

  private static <T> T wait(CompletableFuture<T> future) throws Exception {
    return future.get(50, TimeUnit.SECONDS);
  }

  private static Player paused(long seed) {
    return Player.start(demo.model(), demo.start(seed), PAUSED, PlayerListener.NONE);
  }

  private static void make(Player player, String... keys) throws Exception {
    for (String key : keys) {
      player.input().hold(List.of(key.split("\\+")), 0);
      wait(player.single());
    }
  }

  /** What a session makes of the same inputs, alone. */
  private static byte[] alone(long seed, List<ActionInput> inputs) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (WorldSession session = demo.model().start(demo.start(seed), Progress.NONE)) {
      int next = 0;
      while (next < inputs.size()) {
        int frames = session.nextFrames();
        List<Action> actions =
            inputs.subList(next, next + frames).stream()
                .map(demo.model().actionSpace()::action)
                .toList();
        bytes.writeBytes(session.step(actions, Progress.NONE).rgb());
        next += frames;
      }
    }
    return bytes.toByteArray();
  }

  @Test
  void blocksAreThoseOfTheSessionAlone() throws Exception {
    Made made = new Made();
    List<ActionInput> inputs;
    try (Player player = paused(3)) {
      wait(player.record(made));
      make(player, "w", "w+l", "a");
      inputs = wait(player.inputs());
    }
    assertEquals(made.inputs, inputs);
    assertArrayEquals(alone(3, inputs), made.bytes.toByteArray());
  }

  @Test
  void theNewestOfManyChangesIsWhatABlockIsMadeWith() throws Exception {
    Made made = new Made();
    try (Player player = paused(3)) {
      wait(player.record(made));
      for (int i = 0; i < 50; i++) {
        player.input().hold(List.of(i % 2 == 0 ? "w" : "s"), i);
      }
      make(player, "d");
    }
    assertEquals(List.of(ActionInput.held("right")), made.inputs.stream().distinct().toList());
  }

  @Test
  void goingBackAndOnIsNeverHavingGoneFurther() throws Exception {
    Made made = new Made();
    List<ActionInput> inputs;
    try (Player player = paused(4)) {
      make(player, "w", "d", "l", "s", "j");
      wait(player.back(2));
      wait(player.record(made));
      make(player, "a", "a", "w");
      inputs = wait(player.inputs());
    }
    byte[] all = alone(4, inputs);
    byte[] end = made.bytes.toByteArray();
    assertTrue(end.length > 0 && end.length < all.length);
    assertArrayEquals(Arrays.copyOfRange(all, all.length - end.length, all.length), end);
  }

  @Test
  void aSavedSessionIsGoneOnWith() throws Exception {
    Path file = folder.resolve("walk.safetensors");
    Made saved = new Made();
    Made resumed = new Made();
    try (Player player = paused(5)) {
      make(player, "w", "d");
      wait(player.save(file));
      wait(player.record(saved));
      make(player, "l", "w");
    }
    try (Player player = Player.resume(demo.model(), file, PAUSED, PlayerListener.NONE)) {
      wait(player.record(resumed));
      make(player, "l", "w");
      ExecutionException refused =
          assertThrows(ExecutionException.class, () -> wait(player.back(1)));
      assertTrue(refused.getMessage().contains("recording"), refused.getMessage());
      wait(player.stopRecording());
      refused = assertThrows(ExecutionException.class, () -> wait(player.back(1)));
      assertTrue(refused.getMessage().contains("expected 2 to 4, found 1"), refused.getMessage());
    }
    assertArrayEquals(saved.bytes.toByteArray(), resumed.bytes.toByteArray());
  }

  @Test
  void aForkIsTheCallersOwn() throws Exception {
    WorldSession fork;
    Made made = new Made();
    try (Player player = paused(6)) {
      make(player, "w");
      fork = wait(player.fork());
      fork.step(demo.model().actionSpace().action(ActionInput.held("back")));
      wait(player.record(made));
      make(player, "d");
    }
    assertEquals(2, fork.chunk());
    fork.close();
    byte[] all = alone(6, concat(ActionInput.held("forward"), ActionInput.held("right")));
    byte[] end = made.bytes.toByteArray();
    assertArrayEquals(Arrays.copyOfRange(all, all.length - end.length, all.length), end);
  }

  private static List<ActionInput> concat(ActionInput first, ActionInput second) {
    List<ActionInput> inputs = new ArrayList<>();
    for (int i = 0; i < demo.model().framesOfChunk(0); i++) {
      inputs.add(first);
    }
    for (int i = 0; i < demo.model().framesOfChunk(1); i++) {
      inputs.add(second);
    }
    return inputs;
  }

  @Test
  void whatCannotBeDoneLeavesTheWorldAsItWas() throws Exception {
    Path broken = Files.writeString(folder.resolve("broken.safetensors"), "no session");
    try (Player player = paused(7)) {
      make(player, "w");
      ExecutionException refused =
          assertThrows(
              ExecutionException.class, () -> wait(player.restart(Start.of(List.of(), 1))));
      assertInstanceOf(UnusableStartException.class, refused.getCause());
      assertThrows(ExecutionException.class, () -> wait(player.goOn(broken)));
      assertThrows(ExecutionException.class, () -> wait(player.back(9)));
      assertThrows(
          ExecutionException.class,
          () -> wait(player.save(folder.resolve("none/walk.safetensors"))));
      make(player, "w");
      assertEquals(
          2 * demo.model().framesOfChunk(1)
              - demo.model().framesOfChunk(1)
              + demo.model().framesOfChunk(0),
          wait(player.inputs()).size());
    }
  }

  @Test
  void aRecordingThatFailsEndsAndTheWorldGoesOn() throws Exception {
    BlockingQueue<String> troubles = new LinkedBlockingQueue<>();
    PlayerListener listener =
        new PlayerListener() {
          @Override
          public void trouble(String reason) {
            troubles.add(reason);
          }
        };
    try (Player player = Player.start(demo.model(), demo.start(1), PAUSED, listener)) {
      wait(
          player.record(
              (inputs, frames) -> {
                throw new IOException("disk full");
              }));
      make(player, "w", "w");
    }
    assertEquals(List.of("the recording has ended: disk full"), List.copyOf(troubles));
  }

  @Test
  void framesComeInOrderWhileNobodyAsks() throws Exception {
    BlockingQueue<Frame> frames = new LinkedBlockingQueue<>();
    CountDownLatch ready = new CountDownLatch(1);
    PlayerListener listener =
        new PlayerListener() {
          @Override
          public void stateChanged(PlayerState state) {
            if (state.ready()) {
              ready.countDown();
            }
          }
        };
    try (Player player =
        Player.start(demo.model(), demo.start(1), new PlayerOptions(0, false), listener)) {
      player
          .frames()
          .subscribe(
              (frame, done) -> {
                frames.add(frame);
                done.run();
              });
      assertTrue(ready.await(50, TimeUnit.SECONDS));
      int block = -1;
      int index = 0;
      for (int i = 0; i < 40; i++) {
        Frame frame = frames.poll(50, TimeUnit.SECONDS);
        if (frame.block() != block) {
          block++;
          index = 0;
        }
        assertEquals(
            List.of(1, block, index), List.of(frame.start(), frame.block(), frame.index()));
        index++;
      }
      // Without memory for states, there is no block to go back to.
      assertThrows(ExecutionException.class, () -> wait(player.back(0)));
    }
  }

  @Test
  void aWorldThatCannotStartSaysWhy() throws Exception {
    BlockingQueue<String> reasons = new LinkedBlockingQueue<>();
    PlayerListener listener =
        new PlayerListener() {
          @Override
          public void failed(String reason) {
            reasons.add(reason);
          }
        };
    try (Player player = Player.start(demo.model(), Start.of(List.of(), 1), PAUSED, listener)) {
      String reason = reasons.poll(50, TimeUnit.SECONDS);
      assertTrue(reason.contains("image"), reason);
      assertThrows(ExecutionException.class, () -> wait(player.single()));
    }
  }

  @Test
  void nothingIsDoneAfterClosing() {
    Player player = paused(1);
    player.close();
    assertThrows(ExecutionException.class, () -> wait(player.single()));
  }
}
