package dev.orrery.play;

import dev.orrery.model.session.Action;
import dev.orrery.model.session.ActionInput;
import dev.orrery.model.session.ActionSpace;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.WorldSession;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What was done in a world, block by block, and some of the states that it went through: enough to
 * go back to any block. A block is reached again from the nearest earlier state by the same
 * actions, which give the same bytes.
 *
 * <p>As states are as large as a session, there is a budget for them. Once it is spent, each new
 * state takes the place of an older one, every other of which is given up before states are taken
 * half as often: they always cover all blocks, the newest at least as closely as the others, and
 * take the same memory.
 */
final class Timeline implements AutoCloseable {
  private final ActionSpace space;
  private final int first;
  private final int most;
  private final TreeMap<Integer, WorldSession> states = new TreeMap<>();
  private final List<List<ActionInput>> inputs = new ArrayList<>();
  private int stride = 1;

  /**
   * Begins where a session is.
   *
   * @param budget bytes for states
   * @param each bytes that a state takes
   */
  Timeline(ActionSpace space, WorldSession session, long budget, long each) {
    this.space = space;
    first = session.chunk();
    most = (int) Math.min(Integer.MAX_VALUE, budget / Math.max(1, each));
    beforeBlock(session);
  }

  /** The earliest block that can be gone back to; without any state the next one. */
  int first() {
    return states.isEmpty() ? first + inputs.size() : states.firstKey();
  }

  /** How many states there are. */
  int states() {
    return states.size();
  }

  /** Inputs of all blocks since {@link #first}, one for each video frame. */
  List<ActionInput> inputs() {
    return inputs.stream().flatMap(List::stream).toList();
  }

  /**
   * Keeps the state of a session that is about to make a block, if it is one of those to keep and
   * there is memory for it: a world that cannot go back as closely is better than none.
   */
  void beforeBlock(WorldSession session) {
    int block = session.chunk();
    if (most == 0 || states.containsKey(block)) {
      return;
    }
    while ((block - first) % stride == 0) {
      if (states.size() == most && !giveUpOne()) {
        stride *= 2;
      } else {
        keep(block, session);
        return;
      }
    }
  }

  private void keep(int block, WorldSession session) {
    try {
      states.put(block, session.fork());
    } catch (OutOfMemoryError e) {
      // What was allocated of it is given back by the fork.
    }
  }

  /** Gives up the earliest state that would not be there if states were taken half as often. */
  private boolean giveUpOne() {
    Optional<Integer> surplus =
        states.keySet().stream().filter(state -> (state - first) % (2 * stride) != 0).findFirst();
    surplus.ifPresent(state -> states.remove(state).close());
    return surplus.isPresent();
  }

  /** A block was made with these inputs. */
  void made(List<ActionInput> held) {
    inputs.add(held);
  }

  /**
   * The session as it was before a block. What came after is forgotten.
   *
   * @return a session of its own, to be closed by the caller
   * @throws IllegalArgumentException if there is no such block
   */
  WorldSession back(int block) {
    if (block < first() || block > first + inputs.size()) {
      throw new IllegalArgumentException(
          "block: expected " + first() + " to " + (first + inputs.size()) + ", found " + block);
    }
    Map.Entry<Integer, WorldSession> nearest = states.floorEntry(block);
    WorldSession session = nearest.getValue().fork();
    try {
      for (int next = nearest.getKey(); next < block; next++) {
        List<Action> actions = inputs.get(next - first).stream().map(space::action).toList();
        session.step(actions, Progress.NONE);
      }
    } catch (RuntimeException | Error e) {
      session.close();
      throw e;
    }
    Map<Integer, WorldSession> later = states.tailMap(block, false);
    later.values().forEach(WorldSession::close);
    later.clear();
    inputs.subList(block - first, inputs.size()).clear();
    return session;
  }

  @Override
  public void close() {
    states.values().forEach(WorldSession::close);
    states.clear();
  }
}
