package dev.orrery.play.server;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.function.Consumer;

/**
 * The text messages that wait for a viewer, one on its way at a time. What is outdated gives way to
 * what is new, so that a viewer who reads nothing costs no more than a few messages.
 */
final class Outbox {
  /** Messages that wait, at most. */
  static final int ROOM = 64;

  private final Wire wire;
  private final Deque<Entry> waiting = new ArrayDeque<>();
  private boolean sending;

  /** How messages are sent. */
  @FunctionalInterface
  interface Wire {
    /**
     * Sends a message, and returns at once.
     *
     * @param sent to be told once, by any thread: whether it worked
     */
    void send(String text, Consumer<Boolean> sent);
  }

  /** What becomes of messages for which there is no time. */
  enum Kind {
    /** What is so now. */
    STATE(true),
    /** Numbers. */
    STATUS(true),
    /** How far something is. */
    PROGRESS(true),
    /** One of many: the oldest may be lost. */
    NEWS(false),
    /** Somebody waits for it. */
    ANSWER(false);

    /** Whether a new one stands for those that wait. */
    private final boolean newestOnly;

    Kind(boolean newestOnly) {
      this.newestOnly = newestOnly;
    }
  }

  private record Entry(Kind kind, String text) {}

  Outbox(Wire wire) {
    this.wire = wire;
  }

  /**
   * Puts a message behind those that wait; {@link #flush} sends it.
   *
   * @return false if too many answers wait: this viewer asks, and does not read
   */
  synchronized boolean put(Kind kind, String text) {
    if (kind.newestOnly) {
      waiting.removeIf(entry -> entry.kind() == kind);
    }
    if (waiting.size() == ROOM && !dropOldestNews()) {
      return false;
    }
    waiting.add(new Entry(kind, text));
    return true;
  }

  /** Begins to send what waits, unless something is on its way already. */
  void flush() {
    synchronized (this) {
      if (sending) {
        return;
      }
      sending = true;
    }
    sendNext();
  }

  private boolean dropOldestNews() {
    for (Iterator<Entry> entries = waiting.iterator(); entries.hasNext(); ) {
      if (entries.next().kind() == Kind.NEWS) {
        entries.remove();
        return true;
      }
    }
    return false;
  }

  private void sendNext() {
    Entry next;
    synchronized (this) {
      next = waiting.poll();
      if (next == null) {
        sending = false;
        return;
      }
    }
    wire.send(next.text(), this::sent);
  }

  private void sent(boolean well) {
    if (well) {
      sendNext();
      return;
    }
    synchronized (this) {
      // The connection is gone: whoever holds it closes it. Nothing is sent any more.
      waiting.clear();
    }
  }

  /** How many messages wait. */
  synchronized int waiting() {
    return waiting.size();
  }
}
