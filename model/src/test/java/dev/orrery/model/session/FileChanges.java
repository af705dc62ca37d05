package dev.orrery.model.session;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;

/**
 * Changes of a file, one after the other: cut somewhere, another byte in its header, another byte
 * behind it. A long run comes to every place.
 */
final class FileChanges {
  private static final int KINDS = 3;

  private final byte[] whole;
  private final Random random;
  private final List<List<Integer>> places;
  private int done;

  /**
   * @param headerBytes of the file; most of the meaning is there
   */
  FileChanges(byte[] whole, int headerBytes, long seed) {
    this.whole = whole;
    random = new Random(seed);
    places =
        List.of(
            shuffled(0, whole.length),
            shuffled(0, headerBytes),
            shuffled(headerBytes, whole.length));
  }

  private List<Integer> shuffled(int from, int to) {
    List<Integer> all = new ArrayList<>(IntStream.range(from, to).boxed().toList());
    Collections.shuffle(all, random);
    return all;
  }

  /** How many there were. */
  int done() {
    return done;
  }

  /** Whether the next one is a cut. */
  boolean cutsNext() {
    return done % KINDS == 0;
  }

  /** The file with the next change. */
  byte[] next() {
    List<Integer> kind = places.get(done % KINDS);
    int place = kind.get(done / KINDS % kind.size());
    byte[] changed = cutsNext() ? Arrays.copyOf(whole, place) : whole.clone();
    if (!cutsNext()) {
      changed[place] ^= (byte) (1 + random.nextInt(255));
    }
    done++;
    return changed;
  }
}
