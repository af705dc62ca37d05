package dev.orrery.weights.torch;

import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The directory of a zip file, checked completely: every entry lies in the file, overlaps no other,
 * and its own header agrees. Positions are those in the file, so that stored entries can be read in
 * place; the class library's reader of zip files cannot do that.
 *
 * <p>Source: PKWARE APPNOTE.TXT 6.3, sections 4.3.7 and 4.3.12. What no PyTorch archive has is
 * refused: encryption, comments, entries in other files, compression other than deflate.
 */
final class ZipDirectory {
  /** More than any model has storages; bounds the work on a hostile directory. */
  static final int MAX_ENTRIES = 100_000;

  private static final int MAX_NAME_BYTES = 1024;
  private static final long SIGNATURE = 0x02014b50L;
  private static final int HEADER_BYTES = 46;
  private static final long LOCAL_SIGNATURE = 0x04034b50L;
  private static final int LOCAL_HEADER_BYTES = 30;

  private static final int ENCRYPTED_FLAGS = 1 | 1 << 6 | 1 << 13;

  /** CRC and sizes follow the data; the entry's own header may hold zeros. */
  private static final int SIZES_FOLLOW_FLAG = 1 << 3;

  /** Speed of the compression, sizes after the data, names in UTF-8. */
  private static final int KNOWN_FLAGS = 1 << 1 | 1 << 2 | SIZES_FOLLOW_FLAG | 1 << 11;

  private static final int ZIP64_EXTRA = 1;
  private static final long IN_ZIP64 = 0xffffffffL;

  private final ZipBytes zip;

  private ZipDirectory(ZipBytes zip) {
    this.zip = zip;
  }

  /** The entries by name, in the order of the directory. */
  static Map<String, ZipMember> read(ZipBytes zip) {
    return new ZipDirectory(zip).read(ZipEnd.read(zip));
  }

  private Map<String, ZipMember> read(ZipEnd end) {
    if (end.entries() > MAX_ENTRIES) {
      throw zip.refused("expected at most " + MAX_ENTRIES + " zip entries, found " + end.entries());
    }
    Map<String, ZipMember> members = new LinkedHashMap<>();
    long at = end.begin();
    long limit = end.begin() + end.size();
    for (long entry = 0; entry < end.entries(); entry++) {
      if (limit - at < HEADER_BYTES || zip.u32(at) != SIGNATURE) {
        throw zip.refused("zip directory: expected entry " + entry + " at byte " + at);
      }
      long next = at + HEADER_BYTES + zip.u16(at + 28) + zip.u16(at + 30) + zip.u16(at + 32);
      if (next > limit) {
        throw zip.refused("zip directory: expected it to end at byte " + limit + ", found " + next);
      }
      ZipMember member = member(at, end.begin());
      if (members.putIfAbsent(member.name(), member) != null) {
        throw zip.refused("zip entry " + member.name() + ": expected once, found twice");
      }
      at = next;
    }
    if (at != limit) {
      throw zip.refused(
          "zip directory: expected " + end.entries() + " entries, found more bytes behind them");
    }
    checkOverlap(members);
    return Collections.unmodifiableMap(members);
  }

  private ZipMember member(long at, long directory) {
    String name = name(at + HEADER_BYTES, zip.u16(at + 28));
    int flags = zip.u16(at + 8);
    int method = zip.u16(at + 10);
    if ((flags & ENCRYPTED_FLAGS) != 0) {
      throw refused(name, "expected it in the clear, found it encrypted");
    }
    if ((flags & ~KNOWN_FLAGS) != 0) {
      throw refused(
          name, String.format(Locale.ROOT, "expected no special flags, found 0x%04x", flags));
    }
    if (method != ZipMember.STORED && method != ZipMember.DEFLATED) {
      throw refused(name, "expected it stored or deflated, found compression method " + method);
    }
    if (zip.u16(at + 32) != 0) {
      throw refused(name, "expected no comment, found one");
    }
    if (zip.u16(at + 34) != 0) {
      throw refused(name, "expected it in this file, found it in another part");
    }
    long extra = at + HEADER_BYTES + zip.u16(at + 28);
    // In the order in which the extra field holds those that do not fit in 32 bits.
    long[] sizes = {zip.u32(at + 24), zip.u32(at + 20), zip.u32(at + 42)};
    widen(name, sizes, extra, zip.u16(at + 30));
    ZipMember listed =
        new ZipMember(name, method, zip.u32(at + 16), sizes[1], sizes[0], sizes[2], 0);
    if (method == ZipMember.STORED && listed.storedSize() != listed.size()) {
      throw refused(
          name,
          "expected the same size stored and read, found "
              + listed.storedSize()
              + " and "
              + listed.size());
    }
    return located(listed, at, directory);
  }

  /** Finds where the data begin, and requires that the entry's own header says the same. */
  private ZipMember located(ZipMember listed, long at, long directory) {
    String name = listed.name();
    long header = listed.header();
    if (header > directory - LOCAL_HEADER_BYTES || zip.u32(header) != LOCAL_SIGNATURE) {
      throw refused(name, "expected its header at byte " + header + ", found none");
    }
    int nameBytes = zip.u16(header + 26);
    int extraBytes = zip.u16(header + 28);
    long begin = header + LOCAL_HEADER_BYTES + nameBytes + extraBytes;
    if (begin > directory || listed.storedSize() > directory - begin) {
      throw refused(
          name,
          "expected "
              + listed.storedSize()
              + " bytes at byte "
              + begin
              + ", before the directory at byte "
              + directory);
    }
    boolean agrees =
        nameBytes == zip.u16(at + 28)
            && zip.bytes()
                    .asSlice(header + LOCAL_HEADER_BYTES, nameBytes)
                    .mismatch(zip.bytes().asSlice(at + HEADER_BYTES, nameBytes))
                == -1
            && zip.u16(header + 6) == zip.u16(at + 8)
            && zip.u16(header + 8) == listed.method();
    long[] sizes = {zip.u32(header + 22), zip.u32(header + 18)};
    boolean later = (zip.u16(header + 6) & SIZES_FOLLOW_FLAG) != 0;
    boolean zeros = later && zip.u32(header + 14) == 0 && sizes[0] == 0 && sizes[1] == 0;
    if (agrees && !zeros) {
      widen(name, sizes, begin - extraBytes, extraBytes);
      agrees =
          zip.u32(header + 14) == listed.crc()
              && sizes[0] == listed.size()
              && sizes[1] == listed.storedSize();
    }
    if (!agrees) {
      throw refused(name, "expected its header to agree with the directory, found a difference");
    }
    return new ZipMember(
        name, listed.method(), listed.crc(), listed.storedSize(), listed.size(), header, begin);
  }

  /** Replaces the sizes that do not fit in 32 bits by those of the zip64 extra field. */
  private void widen(String name, long[] sizes, long extra, int extraBytes) {
    long limit = extra + extraBytes;
    boolean found = false;
    for (long at = extra; at < limit; ) {
      long end = limit - at < 4 ? Long.MAX_VALUE : at + 4 + zip.u16(at + 2);
      if (end > limit) {
        throw refused(name, "expected whole extra fields, found a truncated one");
      }
      if (zip.u16(at) == ZIP64_EXTRA) {
        if (found) {
          throw refused(name, "expected one zip64 extra field, found two");
        }
        found = true;
        long value = at + 4;
        for (int i = 0; i < sizes.length; i++) {
          if (sizes[i] == IN_ZIP64) {
            if (end - value < Long.BYTES) {
              throw refused(name, "expected its size in the zip64 extra field, found none");
            }
            sizes[i] = zip.u63("zip entry " + name, value);
            value += Long.BYTES;
          }
        }
      }
      at = end;
    }
    for (long size : sizes) {
      if (size == IN_ZIP64 && !found) {
        throw refused(name, "expected a zip64 extra field, found none");
      }
    }
  }

  private String name(long at, int length) {
    String name = zip.text("name of a zip entry", at, Math.min(length, MAX_NAME_BYTES));
    if (length > MAX_NAME_BYTES) {
      throw zip.refused(
          "name of a zip entry: expected at most " + MAX_NAME_BYTES + " bytes, found " + length);
    }
    boolean plain = name.indexOf('\\') < 0 && name.chars().noneMatch(Character::isISOControl);
    for (String step : name.split("/", -1)) {
      plain &= !step.isEmpty() && !step.equals(".") && !step.equals("..");
    }
    if (!plain) {
      throw refused(name, "expected a plain relative path as name");
    }
    return name;
  }

  private void checkOverlap(Map<String, ZipMember> members) {
    List<ZipMember> inOrder = new ArrayList<>(members.values());
    inOrder.sort(Comparator.comparingLong(ZipMember::header));
    for (int i = 1; i < inOrder.size(); i++) {
      if (inOrder.get(i - 1).end() > inOrder.get(i).header()) {
        throw refused(
            inOrder.get(i).name(),
            "expected it apart, found it inside " + inOrder.get(i - 1).name());
      }
    }
  }

  private RuntimeException refused(String name, String problem) {
    return zip.refused("zip entry " + name + ": " + problem);
  }
}
