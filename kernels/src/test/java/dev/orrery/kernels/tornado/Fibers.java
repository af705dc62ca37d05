package dev.orrery.kernels.tornado;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.util.Collections;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;

/**
 * The threads of a group on one thread of Java, in an order that is chosen: each runs until it
 * waits at a barrier, then the next one does. Made of the JDK's own continuations, which virtual
 * threads are made of; tests run with {@code --add-exports java.base/jdk.internal.vm=ALL-UNNAMED}.
 */
final class Fibers {
  private static final MethodHandle NEW;
  private static final MethodHandle RUN;
  private static final MethodHandle IS_DONE;
  private static final MethodHandle YIELD;

  static {
    try {
      Class<?> scopes = Class.forName("jdk.internal.vm.ContinuationScope");
      Class<?> type = Class.forName("jdk.internal.vm.Continuation");
      MethodHandles.Lookup lookup = MethodHandles.lookup();
      Object scope =
          lookup
              .findConstructor(scopes, MethodType.methodType(void.class, String.class))
              .invoke("group");
      NEW =
          lookup
              .findConstructor(type, MethodType.methodType(void.class, scopes, Runnable.class))
              .bindTo(scope)
              .asType(MethodType.methodType(Object.class, Runnable.class));
      RUN =
          lookup
              .findVirtual(type, "run", MethodType.methodType(void.class))
              .asType(MethodType.methodType(void.class, Object.class));
      IS_DONE =
          lookup
              .findVirtual(type, "isDone", MethodType.methodType(boolean.class))
              .asType(MethodType.methodType(boolean.class, Object.class));
      YIELD =
          lookup
              .findStatic(type, "yield", MethodType.methodType(boolean.class, scopes))
              .bindTo(scope);
    } catch (Throwable e) {
      throw new ExceptionInInitializerError(e);
    }
  }

  private static final ExecutorService THREADS =
      Executors.newCachedThreadPool(Thread.ofPlatform().daemon().name("fibers-", 0).factory());

  private Fibers() {}

  /**
   * Runs groups of fibers on all processors, on threads that hold no monitors. A fiber that waits
   * takes those of its thread along; if another one then throws an exception, whoever holds a
   * monitor further out can neither give it back nor get out.
   *
   * @param group runs the group of a number
   */
  static void apart(int groups, IntConsumer group) {
    AtomicInteger next = new AtomicInteger();
    Callable<Void> worker =
        () -> {
          for (int i = next.getAndIncrement(); i < groups; i = next.getAndIncrement()) {
            group.accept(i);
          }
          return null;
        };
    int workers = Math.min(groups, Runtime.getRuntime().availableProcessors());
    try {
      for (Future<Void> done : THREADS.invokeAll(Collections.nCopies(workers, worker))) {
        done.get();
      }
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case RuntimeException thrown -> throw thrown;
        case Error thrown -> throw thrown;
        default -> throw new AssertionError(e);
      }
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  /** In what order the fibers run between two barriers. */
  enum Order {
    FORWARD,
    BACKWARD,
    SHUFFLED
  }

  /** Waits for all fibers of the group. Called by a fiber. */
  static void barrier() {
    try {
      boolean _ = (boolean) YIELD.invokeExact();
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  /**
   * Runs all of them to their ends.
   *
   * @throws IllegalStateException if some have ended while others wait at a barrier
   */
  static void run(Runnable[] fibers, Order order) {
    Object[] running = new Object[fibers.length];
    int[] sequence = new int[fibers.length];
    for (int i = 0; i < fibers.length; i++) {
      running[i] = make(fibers[i]);
      sequence[i] = order == Order.BACKWARD ? fibers.length - 1 - i : i;
    }
    Random random = new Random(fibers.length);
    while (true) {
      if (order == Order.SHUFFLED) {
        shuffle(sequence, random);
      }
      int done = 0;
      for (int index : sequence) {
        done += advance(running[index]) ? 1 : 0;
      }
      if (done == fibers.length) {
        return;
      }
      if (done > 0) {
        throw new IllegalStateException(
            done
                + " of "
                + fibers.length
                + " threads have ended while the others wait at a barrier");
      }
    }
  }

  private static Object make(Runnable fiber) {
    try {
      return NEW.invokeExact(fiber);
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  /** Runs a fiber to its next barrier; whether it has ended. */
  private static boolean advance(Object fiber) {
    try {
      RUN.invokeExact(fiber);
      return (boolean) IS_DONE.invokeExact(fiber);
    } catch (RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new AssertionError(e);
    }
  }

  private static void shuffle(int[] sequence, Random random) {
    for (int i = sequence.length - 1; i > 0; i--) {
      int j = random.nextInt(i + 1);
      int swapped = sequence[i];
      sequence[i] = sequence[j];
      sequence[j] = swapped;
    }
  }
}
