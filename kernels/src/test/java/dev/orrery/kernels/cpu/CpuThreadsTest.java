package dev.orrery.kernels.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class CpuThreadsTest {
  private static void assertEachOnce(CpuThreads threads, int items) {
    AtomicIntegerArray runs = new AtomicIntegerArray(Math.max(1, items));
    threads.forEach(items, (index, scratch) -> runs.incrementAndGet(index));
    for (int i = 0; i < items; i++) {
      assertEquals(1, runs.get(i), "item " + i + " of " + items);
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 8})
  void everyItemRunsOnce(int count) {
    try (CpuThreads threads = new CpuThreads(count)) {
      assertEquals(count, threads.count());
      for (int items : new int[] {0, 1, 2, 13, 207, 100_000}) {
        assertEachOnce(threads, items);
      }
      for (int i = 0; i < 5_000; i++) {
        assertEachOnce(threads, 3);
      }
    }
  }

  @Test
  void workersWakeAfterAPause() throws Exception {
    try (CpuThreads threads = new CpuThreads(3)) {
      for (int i = 0; i < 5; i++) {
        Thread.sleep(20);
        Set<Thread> seen = ConcurrentHashMap.newKeySet();
        CountDownLatch all = new CountDownLatch(3);
        // Each item waits for the others, so each needs a thread of its own.
        threads.forEach(
            3,
            (index, scratch) -> {
              seen.add(Thread.currentThread());
              all.countDown();
              await(all);
            });
        assertEquals(3, seen.size());
      }
    }
  }

  @Test
  void aThreadKeepsItsScratch() {
    try (CpuThreads threads = new CpuThreads(3)) {
      ConcurrentHashMap<Thread, Scratch> scratchOf = new ConcurrentHashMap<>();
      for (int i = 0; i < 100; i++) {
        threads.forEach(
            10,
            (index, scratch) -> {
              Scratch before = scratchOf.putIfAbsent(Thread.currentThread(), scratch);
              assertTrue(before == null || before == scratch);
            });
      }
      assertEquals(scratchOf.size(), Set.copyOf(scratchOf.values()).size());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3})
  void aFailureReachesTheCallerAndTheThreadsLiveOn(int count) {
    try (CpuThreads threads = new CpuThreads(count)) {
      for (int failing : new int[] {0, 57, 99}) {
        IllegalStateException broken = new IllegalStateException("item " + failing);
        IllegalStateException thrown =
            assertThrows(
                IllegalStateException.class,
                () ->
                    threads.forEach(
                        100,
                        (index, scratch) -> {
                          if (index == failing) {
                            throw broken;
                          }
                        }));
        assertSame(broken, thrown);
        assertEachOnce(threads, 100);
      }
      AssertionError error = new AssertionError("an error");
      assertSame(
          error,
          assertThrows(
              AssertionError.class,
              () ->
                  threads.forEach(
                      100,
                      (index, scratch) -> {
                        throw error;
                      })));
      assertEachOnce(threads, 100);
    }
  }

  @Test
  void afterAFailureItemsThatHaveNotBegunAreLeftOut() {
    try (CpuThreads threads = new CpuThreads(2)) {
      AtomicInteger begun = new AtomicInteger();
      assertThrows(
          IllegalStateException.class,
          () ->
              threads.forEach(
                  10_000_000,
                  (index, scratch) -> {
                    begun.incrementAndGet();
                    throw new IllegalStateException();
                  }));
      assertTrue(begun.get() <= 2, begun + " items ran");
    }
  }

  @Test
  void twoCallersTakeTurns() throws Exception {
    try (CpuThreads threads = new CpuThreads(3);
        ExecutorService callers = Executors.newFixedThreadPool(2)) {
      AtomicIntegerArray inside = new AtomicIntegerArray(2);
      List<Future<?>> results = new ArrayList<>();
      for (int caller = 0; caller < 2; caller++) {
        int mine = caller;
        results.add(
            callers.submit(
                () -> {
                  for (int i = 0; i < 2_000; i++) {
                    int base = i;
                    AtomicInteger sum = new AtomicInteger();
                    threads.forEach(
                        16,
                        (index, scratch) -> {
                          inside.incrementAndGet(mine);
                          assertEquals(0, inside.get(1 - mine), "two kernels at a time");
                          sum.addAndGet(base + index);
                          inside.decrementAndGet(mine);
                        });
                    assertEquals(16 * base + 120, sum.get());
                  }
                }));
      }
      for (Future<?> result : results) {
        result.get(30, TimeUnit.SECONDS);
      }
    }
  }

  @Test
  void refusesNoThreads() {
    IllegalArgumentException none =
        assertThrows(IllegalArgumentException.class, () -> new CpuThreads(0));
    assertEquals("threads: expected 1 or more, found 0", none.getMessage());
  }

  private static void await(CountDownLatch latch) {
    try {
      assertTrue(latch.await(20, TimeUnit.SECONDS), "a worker is asleep");
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }
}
