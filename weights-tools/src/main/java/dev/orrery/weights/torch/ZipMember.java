package dev.orrery.weights.torch;

import dev.orrery.runtime.checkpoint.CheckpointException;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Locale;
import java.util.zip.CRC32;
import java.util.zip.DataFormatException;
import java.util.zip.Inflater;

/**
 * One entry of a zip file, as its directory and its own header agree.
 *
 * @param name its name
 * @param method how it is compressed: {@link #STORED} or {@link #DEFLATED}
 * @param crc CRC-32 of its content
 * @param storedSize bytes in the file
 * @param size bytes of its content
 * @param header byte of the file at which its header begins
 * @param begin byte of the file at which its data begin
 */
record ZipMember(
    String name, int method, long crc, long storedSize, long size, long header, long begin) {
  static final int STORED = 0;
  static final int DEFLATED = 8;

  /** The byte after its data. */
  long end() {
    return begin + storedSize;
  }

  /** The bytes in the file. */
  MemorySegment stored(ZipBytes zip) {
    return zip.bytes().asSlice(begin, storedSize);
  }

  /**
   * Its whole content, with the CRC checked.
   *
   * @param maxBytes largest content that is acceptable
   */
  byte[] content(ZipBytes zip, int maxBytes) {
    if (size > maxBytes || storedSize > maxBytes) {
      throw zip.refused(
          name + ": expected at most " + maxBytes + " bytes, found " + size + " in " + storedSize);
    }
    byte[] stored = stored(zip).toArray(ValueLayout.JAVA_BYTE);
    byte[] content = method == STORED ? stored : inflated(zip, stored);
    CRC32 actual = new CRC32();
    actual.update(content);
    if (actual.getValue() != crc) {
      throw zip.refused(
          String.format(
              Locale.ROOT,
              "%s: expected CRC %08x, found %08x; the file is damaged",
              name,
              crc,
              actual.getValue()));
    }
    return content;
  }

  private byte[] inflated(ZipBytes zip, byte[] stored) {
    byte[] content = new byte[(int) size];
    try (Inflater inflater = new Inflater(true)) {
      inflater.setInput(stored);
      int length = 0;
      while (length < content.length) {
        int step = inflater.inflate(content, length, content.length - length);
        if (step == 0) {
          break;
        }
        length += step;
      }
      // The final block may end after the last byte of content.
      boolean more = inflater.inflate(new byte[1]) > 0;
      if (more || length < content.length || !inflater.finished() || inflater.getRemaining() > 0) {
        throw zip.refused(
            name
                + ": expected deflated data of exactly "
                + size
                + " bytes, found "
                + (more ? "more" : "others"));
      }
      return content;
    } catch (DataFormatException e) {
      throw new CheckpointException(
          zip.file(), name + ": expected deflated data, found others: " + e.getMessage(), e);
    }
  }
}
