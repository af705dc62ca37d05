package dev.orrery.play;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class FrameHubTest {
  private final FrameHub hub = new FrameHub();

  private static Frame frame(int index) {
    return new Frame(1, 0, index, 0, 0, 25, new byte[0]);
  }

  @Test
  void aFastViewerLosesNothingBesideASlowOne() {
    List<Integer> fast = new ArrayList<>();
    List<Integer> slow = new ArrayList<>();
    List<Runnable> pending = new ArrayList<>();
    hub.subscribe(
        (frame, done) -> {
          fast.add(frame.index());
          done.run();
        });
    FrameHub.Subscription late =
        hub.subscribe(
            (frame, done) -> {
              slow.add(frame.index());
              pending.add(done);
            });
    for (int i = 0; i < 1000; i++) {
      hub.publish(frame(i));
    }
    assertEquals(1000, fast.size());
    assertEquals(List.of(0), slow);
    assertEquals(998, late.dropped());
    // What waited is the newest, and the only one.
    pending.removeFirst().run();
    assertEquals(List.of(0, 999), slow);
    pending.removeFirst().run();
    assertEquals(List.of(0, 999), slow);
    hub.publish(frame(1000));
    assertEquals(List.of(0, 999, 1000), slow);
  }

  @Test
  void whoClosesGetsNothingMore() {
    List<Integer> seen = new ArrayList<>();
    List<Runnable> pending = new ArrayList<>();
    FrameHub.Subscription viewer =
        hub.subscribe(
            (frame, done) -> {
              seen.add(frame.index());
              pending.add(done);
            });
    hub.publish(frame(0));
    hub.publish(frame(1));
    viewer.close();
    pending.removeFirst().run();
    hub.publish(frame(2));
    assertEquals(List.of(0), seen);
    assertEquals(0, hub.watching());
  }

  @Test
  void aViewerThatFailsIsTheOnlyOneThatEnds() {
    List<Integer> seen = new ArrayList<>();
    hub.subscribe(
        (frame, done) -> {
          throw new IllegalStateException("gone");
        });
    hub.subscribe(
        (frame, done) -> {
          seen.add(frame.index());
          done.run();
        });
    hub.publish(frame(0));
    hub.publish(frame(1));
    assertEquals(List.of(0, 1), seen);
    assertEquals(1, hub.watching());
  }

  @Test
  void aSinkThatIsDoneAtOnceDoesNotGrowTheStack() {
    List<Integer> seen = new ArrayList<>();
    Frame[] more = {frame(0)};
    hub.subscribe(
        (frame, done) -> {
          seen.add(frame.index());
          if (frame.index() < 100_000) {
            more[0] = frame(frame.index() + 1);
            hub.publish(more[0]);
          }
          done.run();
        });
    hub.publish(frame(0));
    assertEquals(100_001, seen.size());
  }
}
