package dev.orrery.runtime.media;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OrientationTest {
  private static final int TAG = 0x0112;
  private static final int SHORT = 3;

  @Test
  void bothByteOrdersAreReadWithAndWithoutTheName() {
    for (ByteOrder order : new ByteOrder[] {ByteOrder.BIG_ENDIAN, ByteOrder.LITTLE_ENDIAN}) {
      ByteBuffer exif = exif(order, 8, 1, TAG, SHORT, 6);
      assertEquals(6, Orientation.ofSegment(exif).value());
      ByteBuffer named = ByteBuffer.allocate(6 + exif.limit());
      named.put("Exif\0\0".getBytes(StandardCharsets.US_ASCII)).put(exif.duplicate()).flip();
      assertEquals(6, Orientation.ofSegment(named).value());
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {Integer.MIN_VALUE, -1, 0, 7, 21, 1000, Integer.MAX_VALUE})
  void directoryOutsideIsUpright(int directory) {
    assertUpright(exif(ByteOrder.BIG_ENDIAN, directory, 1, TAG, SHORT, 6));
  }

  @Test
  void entriesThatAreNotThereAreNone() {
    assertUpright(exif(ByteOrder.BIG_ENDIAN, 8, 0xFFFF, TAG + 1, SHORT, 6));
    assertUpright(exif(ByteOrder.BIG_ENDIAN, 8, 0, TAG, SHORT, 6));
  }

  @ParameterizedTest
  @ValueSource(ints = {0, 9, 0xFFFF})
  void unknownValuesAreUpright(int value) {
    assertUpright(exif(ByteOrder.LITTLE_ENDIAN, 8, 1, TAG, SHORT, value));
  }

  @Test
  void valuesOfAnotherTypeAreUpright() {
    assertUpright(exif(ByteOrder.BIG_ENDIAN, 8, 1, TAG, 2, 6));
  }

  /** Any bytes give an orientation and no exception. */
  @Test
  void anyBytesAreTaken() {
    Random random = new Random(1);
    for (int i = 0; i < 20_000; i++) {
      ByteBuffer exif = exif(ByteOrder.LITTLE_ENDIAN, 8, 1, TAG, SHORT, 6);
      for (int flip = 0; flip < 3; flip++) {
        exif.put(random.nextInt(exif.limit()), (byte) random.nextInt());
      }
      int value = Orientation.ofSegment(exif.slice(0, random.nextInt(exif.limit() + 1))).value();
      assertEquals(value, Math.clamp(value, 1, 8));
    }
  }

  private static void assertUpright(ByteBuffer exif) {
    assertEquals(Orientation.UPRIGHT, Orientation.ofSegment(exif));
  }

  /** A header and a directory of one entry at 8, with what they say. */
  private static ByteBuffer exif(
      ByteOrder order, int directory, int entries, int tag, int type, int value) {
    ByteBuffer bytes = ByteBuffer.allocate(22).order(order);
    byte letter = (byte) (order == ByteOrder.BIG_ENDIAN ? 'M' : 'I');
    bytes.put(letter).put(letter).putShort((short) 42).putInt(directory);
    bytes.putShort((short) entries).putShort((short) tag).putShort((short) type).putInt(1);
    bytes.putShort((short) value);
    return bytes.rewind();
  }
}
