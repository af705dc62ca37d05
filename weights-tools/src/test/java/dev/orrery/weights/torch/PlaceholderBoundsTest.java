package dev.orrery.weights.torch;

import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import dev.orrery.runtime.checkpoint.CheckpointException;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** As many placeholders as a pickle can have: time and memory stay what other values take. */
class PlaceholderBoundsTest {
  private static final long[] ONE = {1};

  /**
   * Bytes that reading the largest of the pickles below may allocate, most of them for a moment.
   */
  private static final long MAX_ALLOCATED = 768L << 20;

  static Stream<Arguments> millions() {
    String shortest = "c\n\n";
    int most = PickleReader.MAX_OPCODES;
    return Stream.of(
        million("names", "](" + shortest.repeat(most - 4) + "e"),
        million("references to one", "](cm\nn\nq\u0000" + "h\u0000".repeat(most - 6) + "e"),
        million("calls", shortest + ")R".repeat((most - 2) / 2)),
        million("objects", shortest + ")\u0081".repeat((most - 2) / 2)),
        million("states", shortest + "}b".repeat((most - 2) / 2)),
        million("entries", shortest + "}a".repeat((most - 2) / 2)),
        million("items", shortest + "(" + shortest.repeat(most - 4) + "u"),
        million("keys", "}(" + (shortest + "N").repeat((most - 4) / 2) + "u"),
        million("dictionaries", "](" + ("}" + shortest + "Ns").repeat((most - 4) / 4) + "e"),
        million("storages", "](" + (shortest + "Q").repeat((most - 4) / 2) + "e"));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("millions")
  void aMillionAreCarriedWithinBounds(String what, byte[] pickle) {
    assertBounded(what, pickle);
  }

  /** Names that are long, all different, and mostly written once. */
  @Test
  void namesDoNotGrowWhenTheyAreShared() {
    for (String end : List.of("\u0093", "\u0093Ns")) {
      PickleBytes pickle = begin().text("m".repeat(256)).ops("q\u0000").text("n".repeat(240));
      pickle.ops("\u0093q\u0001" + (end.length() == 1 ? "(" : "}"));
      for (int i = 0; i < 190_000; i++) {
        pickle.ops("h\u0000").text("n".repeat(i % 200) + i).ops(end);
      }
      assertBounded("shared names", pickle.ops(end.length() == 1 ? "t" : "").ops("\u0086").end());
    }
  }

  /** A tuple of half a million entries is not looked through by each of many calls. */
  @Test
  void longArgumentsAreLookedAtOnce() {
    PickleBytes pickle = begin().ops("((" + "N".repeat(500_000));
    PlaceholderTest.foreign(pickle).ops("tq\u0000").tensor("0", 1, 0, ONE, ONE).ops("q\u0001");
    pickle.orderedDict().ops("q\u0002").global("torch._utils", "_rebuild_parameter");
    String call = "(h\u0001h\u0000h\u0002tR";
    pickle.ops("q\u0003" + call + ("h\u0003" + call).repeat(70_000));
    assertBounded("calls", pickle.ops("t").end());
    PickleBytes attributes = begin().orderedDict().ops("(");
    for (int i = 0; i < 200_000; i++) {
      attributes.number(i).ops("N");
    }
    attributes.ops("uq\u0000}").text("_metadata").ops("h\u0000sq\u0001](");
    attributes.ops("ccollections\nOrderedDict\n)Rh\u0001b".repeat(100_000));
    byte[] shared = attributes.ops("e\u0087").end();
    CheckpointException e =
        assertTimeoutPreemptively(
            Duration.ofMinutes(1),
            () -> assertThrows(CheckpointException.class, () -> PlaceholderTest.read(shared)));
    assertTrue(e.getMessage().contains("expected at most 1000000 values"), e.getMessage());
  }

  private static void assertBounded(String what, byte[] pickle) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long allocated =
        assertTimeoutPreemptively(
            Duration.ofMinutes(1),
            () -> {
              long before = threads.getCurrentThreadAllocatedBytes();
              PlaceholderTest.read(pickle);
              return threads.getCurrentThreadAllocatedBytes() - before;
            });
    assertTrue(allocated < MAX_ALLOCATED, what + ": " + (allocated >> 20) + " MiB");
  }

  private static Arguments million(String what, String instructions) {
    return Arguments.of(what, begin().ops(instructions).end());
  }

  private static PickleBytes begin() {
    return PickleBytes.begin();
  }
}
