package dev.orrery.play;

import dev.orrery.model.session.VideoFrames;
import java.util.ArrayDeque;
import java.util.Deque;

/**
 * Gives frames to the viewers at the pace at which they are to be shown, from a thread of its own.
 * Each is encoded once for all.
 */
final class Playback implements AutoCloseable {
  private static final float QUALITY = 0.92f;

  /** Over which frames per second are counted, in nanoseconds. */
  private static final long WINDOW = 2_000_000_000L;

  private final FrameHub hub;
  private final Deque<Waiting> waiting = new ArrayDeque<>();
  private final Deque<Long> shown = new ArrayDeque<>();
  private final Thread thread;
  private double rate;
  private long due = System.nanoTime();
  private long keyToFrame;
  private boolean closed;

  /**
   * A frame that is to be shown.
   *
   * @param frame all of it but the picture
   * @param frames where the picture is
   * @param index which one it is there
   * @param arrived when the input came that it is the first to answer, else 0
   */
  private record Waiting(Frame frame, VideoFrames frames, int index, long arrived) {}

  /**
   * @param rate frames per second
   */
  Playback(FrameHub hub, double rate) {
    this.hub = hub;
    this.rate = rate;
    thread = Thread.ofPlatform().name("orrery-playback").start(this::run);
  }

  /** Frames per second from now on. */
  synchronized void rate(double framesPerSecond) {
    rate = framesPerSecond;
  }

  /**
   * Adds frames of a block.
   *
   * @param start number of the world's start
   * @param block the block
   * @param first place of the first of them in the block
   * @param frames the frames
   * @param input what the block was made with
   */
  synchronized void add(
      int start, int block, int first, VideoFrames frames, HeldInput.Reading input) {
    for (int i = 0; i < frames.count(); i++) {
      Frame frame =
          new Frame(start, block, first + i, input.time(), input.read(), (float) rate, null);
      boolean answers = input.changed() && first + i == 0;
      waiting.add(new Waiting(frame, frames, i, answers ? input.arrived() : 0));
    }
    notifyAll();
  }

  /** When all frames that there are will have been shown, as {@link System#nanoTime}. */
  synchronized long end() {
    long now = System.nanoTime();
    return (due - now > 0 ? due : now) + Math.round(waiting.size() * 1e9 / rate);
  }

  /** Forgets the frames that were not shown. */
  synchronized void discard() {
    waiting.clear();
    due = System.nanoTime();
    notifyAll();
  }

  /** Frames per second that were shown lately. */
  synchronized double framesPerSecond() {
    forgetOld(System.nanoTime());
    return shown.size() * 1e9 / WINDOW;
  }

  /** Milliseconds from an input to the first frame that was made with it, newest; 0 if none was. */
  synchronized double keyToFrameMillis() {
    return keyToFrame / 1e6;
  }

  private void run() {
    try (JpegEncoder encoder = new JpegEncoder(QUALITY)) {
      while (true) {
        Waiting next = awaitNext();
        if (next == null) {
          return;
        }
        byte[] jpeg =
            hub.watching() == 0 ? null : encoder.encode(next.frames().image(next.index()), 1);
        if (awaitDue(next)) {
          publish(next, jpeg);
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** The next frame, left in its place; null when closed. */
  private synchronized Waiting awaitNext() throws InterruptedException {
    while (waiting.isEmpty() && !closed) {
      wait();
    }
    return closed ? null : waiting.peek();
  }

  /** Waits until a frame is to be shown and takes it; false if it is not to be shown any more. */
  private synchronized boolean awaitDue(Waiting next) throws InterruptedException {
    while (!closed && waiting.peek() == next) {
      long now = System.nanoTime();
      if (due - now <= 0) {
        waiting.remove();
        long period = Math.round(1e9 / rate);
        // One who wakes late catches up; one who had nothing to show does not.
        due = now - due < period ? due + period : now + period;
        return true;
      }
      wait((due - now) / 1_000_000, (int) ((due - now) % 1_000_000));
    }
    return false;
  }

  private void publish(Waiting next, byte[] jpeg) {
    long now = System.nanoTime();
    synchronized (this) {
      shown.add(now);
      forgetOld(now);
      if (next.arrived() != 0) {
        keyToFrame = now - next.arrived();
      }
    }
    if (jpeg != null) {
      Frame frame = next.frame();
      hub.publish(
          new Frame(
              frame.start(),
              frame.block(),
              frame.index(),
              frame.time(),
              frame.read(),
              frame.rate(),
              jpeg));
    }
  }

  private void forgetOld(long now) {
    while (!shown.isEmpty() && now - shown.peek() > WINDOW) {
      shown.remove();
    }
  }

  @Override
  public void close() {
    synchronized (this) {
      closed = true;
      notifyAll();
    }
    boolean interrupted = false;
    while (thread.isAlive()) {
      try {
        thread.join();
      } catch (InterruptedException e) {
        interrupted = true;
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }
}
