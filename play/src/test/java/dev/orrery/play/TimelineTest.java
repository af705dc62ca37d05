package dev.orrery.play;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.orrery.model.session.Action;
import dev.orrery.model.session.ActionInput;
import dev.orrery.model.session.ActionSpace;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.WorldSession;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class TimelineTest {
  private static final List<String> SWITCHES = List.of("forward", "back", "left", "right");

  /** Plays blocks, each of which holds another switch than the one before. */
  private static void play(Timeline timeline, WorldSession session, ActionSpace space, int blocks) {
    for (int i = 0; i < blocks; i++) {
      timeline.beforeBlock(session);
      ActionInput input = ActionInput.held(SWITCHES.get(session.chunk() % SWITCHES.size()));
      List<ActionInput> inputs = Collections.nCopies(session.nextFrames(), input);
      List<Action> actions = inputs.stream().map(space::action).toList();
      session.step(actions, Progress.NONE);
      timeline.made(inputs);
    }
  }

  @Test
  void statesStayWithinTheirBudgetAndReachEveryBlock() {
    try (DemoWorld demo = new DemoWorld()) {
      ActionSpace space = demo.model().actionSpace();
      long each = demo.model().memory().fork();
      WorldSession session = demo.model().start(demo.start(1), Progress.NONE);
      try (Timeline timeline = new Timeline(space, session, 4 * each, each)) {
        play(timeline, session, space, 11);
        assertEquals(4, timeline.states());
        assertEquals(0, timeline.first());
        byte[] next = session.step(space.action(ActionInput.held("forward"))).rgb();
        try (WorldSession again = timeline.back(11)) {
          assertEquals(11, again.chunk());
          assertArrayEquals(next, again.step(space.action(ActionInput.held("forward"))).rgb());
        }
        for (int block = 9; block >= 0; block -= 3) {
          timeline.back(block).close();
          // What came after is forgotten, and what is before can still be reached.
          int gone = block + 1;
          assertThrows(IllegalArgumentException.class, () -> timeline.back(gone));
        }
      } finally {
        session.close();
      }
      assertEquals(0, demo.openArenas());
    }
  }

  @Test
  void theOnlyStateIsTheFirst() {
    try (DemoWorld demo = new DemoWorld();
        WorldSession session = demo.model().start(demo.start(1), Progress.NONE)) {
      long each = demo.model().memory().fork();
      try (Timeline timeline = new Timeline(demo.model().actionSpace(), session, each, each)) {
        play(timeline, session, demo.model().actionSpace(), 3);
        assertEquals(1, timeline.states());
        try (WorldSession again = timeline.back(0)) {
          assertEquals(0, again.chunk());
        }
      }
    }
  }

  @Test
  void withoutMemoryForAStateTheWorldGoesOn() {
    try (DemoWorld demo = new DemoWorld();
        WorldSession session = demo.model().start(demo.start(1), Progress.NONE)) {
      long each = demo.model().memory().fork();
      ActionSpace space = demo.model().actionSpace();
      try (Timeline timeline = new Timeline(space, withoutMemoryToFork(session), 4 * each, each)) {
        assertEquals(0, timeline.states());
        play(timeline, withoutMemoryToFork(session), space, 1);
        assertEquals(1, timeline.first());
        assertThrows(IllegalArgumentException.class, () -> timeline.back(0));
        play(timeline, session, space, 2);
        assertEquals(1, timeline.first());
        try (WorldSession again = timeline.back(2)) {
          assertEquals(2, again.chunk());
        }
      }
    }
  }

  private static WorldSession withoutMemoryToFork(WorldSession session) {
    return (WorldSession)
        Proxy.newProxyInstance(
            WorldSession.class.getClassLoader(),
            new Class<?>[] {WorldSession.class},
            (proxy, method, arguments) -> {
              if (method.getName().equals("fork")) {
                throw new OutOfMemoryError("no more memory");
              }
              try {
                return method.invoke(session, arguments);
              } catch (InvocationTargetException e) {
                throw e.getCause();
              }
            });
  }

  @Test
  void withoutABudgetOnlyTheNextBlockIsKnown() {
    try (DemoWorld demo = new DemoWorld();
        WorldSession session = demo.model().start(demo.start(1), Progress.NONE);
        Timeline timeline =
            new Timeline(demo.model().actionSpace(), session, 99, demo.model().memory().fork())) {
      play(timeline, session, demo.model().actionSpace(), 2);
      assertEquals(2, timeline.first());
      assertThrows(IllegalArgumentException.class, () -> timeline.back(1));
      assertEquals(0, timeline.states());
    }
  }
}
