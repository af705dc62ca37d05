package dev.orrery.kernels.cpu;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;

/**
 * The threads of the CPU backends. A kernel splits its work into items whose results do not depend
 * on who computes them; the calling thread and the workers take items until none is left. So the
 * number of threads changes the time and never the result.
 *
 * <p>One kernel runs at a time; a second session's kernel waits for it.
 */
public final class CpuThreads implements AutoCloseable {
  /**
   * How often an idle worker looks for work before it sleeps: about 20 microseconds, a few kernel
   * launches.
   */
  private static final int SPINS = 2000;

  /** One item of work. */
  @FunctionalInterface
  public interface Item {
    /**
     * Computes one item.
     *
     * @param index which one
     * @param scratch memory of the thread that computes it
     */
    void run(int index, Scratch scratch);
  }

  /**
   * Work of one {@link #forEach}; replaced as a whole, so that a late worker never mixes two of
   * them.
   */
  private static final class Batch {
    final Item item;
    final int items;
    final AtomicInteger next = new AtomicInteger();
    final AtomicInteger unfinished;
    volatile Throwable failure;

    Batch(Item item, int items) {
      this.item = item;
      this.items = items;
      this.unfinished = new AtomicInteger(items);
    }

    void work(Scratch scratch) {
      for (int index = next.getAndIncrement(); index < items; index = next.getAndIncrement()) {
        try {
          if (failure == null) {
            item.run(index, scratch);
          }
        } catch (Throwable e) {
          failure = e;
        } finally {
          unfinished.decrementAndGet();
        }
      }
    }
  }

  private final Thread[] workers;
  private final Scratch own = new Scratch();
  private final Scratch shared = new Scratch();
  private volatile Batch batch;
  private volatile boolean closed;

  /**
   * Starts the workers.
   *
   * @param threads threads that compute, the calling one included
   * @throws IllegalArgumentException if threads is not positive
   */
  public CpuThreads(int threads) {
    if (threads < 1) {
      throw new IllegalArgumentException("threads: expected 1 or more, found " + threads);
    }
    workers = new Thread[threads - 1];
    for (int i = 0; i < workers.length; i++) {
      workers[i] = Thread.ofPlatform().daemon().name("orrery-cpu-" + (i + 1)).start(this::serve);
    }
  }

  /** Threads that compute, the calling one included. */
  public int count() {
    return workers.length + 1;
  }

  /**
   * Runs {@code item} for every index in {@code [0, items)}, in any order and on any thread, and
   * returns when all are done. The first failure is thrown again here. An item must not call this
   * itself.
   */
  public synchronized void forEach(int items, Item item) {
    if (items <= 1 || workers.length == 0) {
      for (int index = 0; index < items; index++) {
        item.run(index, own);
      }
      return;
    }
    Batch mine = new Batch(item, items);
    batch = mine;
    for (Thread worker : workers) {
      LockSupport.unpark(worker);
    }
    mine.work(own);
    for (int spins = 0; mine.unfinished.get() > 0; spins++) {
      if (spins < SPINS) {
        Thread.onSpinWait();
      } else {
        // Whoever holds the last item may be waiting for this very processor.
        Thread.yield();
      }
    }
    batch = null;
    if (mine.failure != null) {
      switch (mine.failure) {
        case RuntimeException e -> throw e;
        case Error e -> throw e;
        default -> throw new IllegalStateException(mine.failure);
      }
    }
  }

  /**
   * Scratch memory that all items of a kernel see. A kernel that fills it in one {@link #forEach}
   * and reads it in another holds this object's monitor meanwhile.
   */
  public Scratch shared() {
    return shared;
  }

  private void serve() {
    Scratch scratch = new Scratch();
    Batch last = null;
    int spins = 0;
    while (!closed) {
      Batch current = batch;
      if (current != null && current != last) {
        current.work(scratch);
        last = current;
        spins = 0;
      } else if (spins < SPINS) {
        spins++;
        Thread.onSpinWait();
      } else {
        LockSupport.park(this);
        spins = 0;
      }
    }
  }

  /** Stops the workers. */
  @Override
  public void close() {
    closed = true;
    for (Thread worker : workers) {
      LockSupport.unpark(worker);
    }
  }
}
