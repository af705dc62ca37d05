package dev.orrery.runtime.random;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import org.junit.jupiter.api.Test;

class PhiloxTest {
  /** The known answers that the authors publish with their library Random123. */
  @Test
  void givesThePublishedWords() {
    assertWords(0, 0, 0, 0x6627e8d5, 0xe169c58d, 0xbc57ac4c, 0x9b00dbd8);
    assertWords(-1, -1, -1, 0x408f276d, 0x41c83b0e, 0xa20bc7c6, 0x6d5451fd);
    assertWords(
        0x299f31d0_a4093822L,
        0x85a308d3_243f6a88L,
        0x03707344_13198a2eL,
        0xd16cfe09,
        0x94fdcceb,
        0x5001e420,
        0x24126ea1);
  }

  private static void assertWords(long key, long counterLow, long counterHigh, int... expected) {
    int[] words = new int[4];
    Philox.words(key, counterLow, counterHigh, words);
    assertArrayEquals(expected, words);
  }
}
