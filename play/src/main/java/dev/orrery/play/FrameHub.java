package dev.orrery.play;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Gives each frame to all who watch. A viewer has room for one frame that waits: one who is slow
 * loses frames, and costs others neither time nor memory.
 */
public final class FrameHub {
  private final List<Subscription> subscriptions = new CopyOnWriteArrayList<>();

  FrameHub() {}

  /** One viewer. */
  public final class Subscription implements AutoCloseable {
    private final FrameSink sink;
    private Frame waiting;
    private boolean sending;
    private long dropped;

    private Subscription(FrameSink sink) {
      this.sink = sink;
    }

    /** Frames that the viewer was too slow for. */
    public synchronized long dropped() {
      return dropped;
    }

    /** Ends it: no frame is given any more. */
    @Override
    public void close() {
      subscriptions.remove(this);
      synchronized (this) {
        waiting = null;
      }
    }

    private void offer(Frame frame) {
      synchronized (this) {
        if (waiting != null) {
          dropped++;
        }
        waiting = frame;
        if (sending) {
          return;
        }
        sending = true;
      }
      sendWaiting();
    }

    /**
     * Sends until the sink keeps a frame. A sink that is done at once, on this thread, must not
     * make the stack grow.
     */
    private void sendWaiting() {
      while (true) {
        Frame next;
        synchronized (this) {
          next = waiting;
          waiting = null;
          if (next == null) {
            sending = false;
            return;
          }
        }
        Turn turn = new Turn();
        try {
          sink.accept(next, () -> turn.done(this));
        } catch (RuntimeException e) {
          close();
          return;
        }
        if (turn.kept()) {
          return;
        }
      }
    }
  }

  /** Who goes on after a frame was sent: the one who comes second. */
  private static final class Turn {
    private final AtomicBoolean first = new AtomicBoolean();

    /** Whether the sink is not done yet, and will go on itself. */
    boolean kept() {
      return first.compareAndSet(false, true);
    }

    void done(Subscription subscription) {
      if (!first.compareAndSet(false, true)) {
        subscription.sendWaiting();
      }
    }
  }

  /** Somebody begins to watch. */
  public Subscription subscribe(FrameSink sink) {
    Subscription subscription = new Subscription(sink);
    subscriptions.add(subscription);
    return subscription;
  }

  /** How many watch. */
  public int watching() {
    return subscriptions.size();
  }

  /** Gives a frame to all who watch now. */
  void publish(Frame frame) {
    subscriptions.forEach(subscription -> subscription.offer(frame));
  }
}
