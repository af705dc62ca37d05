package dev.orrery.weights.torch;

/**
 * What the records at the end of a zip file say about its directory.
 *
 * <p>Source: PKWARE APPNOTE.TXT 6.3, sections 4.3.14 to 4.3.16. Comments and archives of several
 * files are refused, so that there is exactly one place where each record can be.
 *
 * @param entries number of entries
 * @param begin byte at which the directory begins
 * @param size its bytes
 */
record ZipEnd(long entries, long begin, long size) {
  private static final long SIGNATURE = 0x06054b50L;
  private static final int BYTES = 22;
  private static final long LOCATOR_SIGNATURE = 0x07064b50L;
  private static final int LOCATOR_BYTES = 20;
  private static final long ZIP64_SIGNATURE = 0x06064b50L;
  private static final int ZIP64_BYTES = 56;

  /** Bytes of the record of 64-bit sizes that its own size field does not count. */
  private static final int ZIP64_UNCOUNTED = 12;

  private static final long IN_ZIP64_16 = 0xffffL;
  private static final long IN_ZIP64_32 = 0xffffffffL;

  /** Whether the file ends in the way of a zip file without a comment. */
  static boolean isPresent(ZipBytes zip) {
    return zip.size() >= BYTES && zip.u32(zip.size() - BYTES) == SIGNATURE;
  }

  /** Reads and checks the records of a file for which {@link #isPresent} holds. */
  static ZipEnd read(ZipBytes zip) {
    long at = zip.size() - BYTES;
    if (zip.u16(at + 4) != 0 || zip.u16(at + 6) != 0 || zip.u16(at + 8) != zip.u16(at + 10)) {
      throw zip.refused("expected a zip archive in one file, found a part of several");
    }
    if (zip.u16(at + 20) != 0) {
      throw zip.refused("expected a zip archive without a comment, found one");
    }
    ZipEnd end = new ZipEnd(zip.u16(at + 10), zip.u32(at + 16), zip.u32(at + 12));
    long locator = at - LOCATOR_BYTES;
    long endOfDirectory = at;
    if (locator >= 0 && zip.u32(locator) == LOCATOR_SIGNATURE) {
      endOfDirectory = locator - ZIP64_BYTES;
      end = zip64(zip, locator, end);
    } else if (end.entries == IN_ZIP64_16 || end.begin == IN_ZIP64_32 || end.size == IN_ZIP64_32) {
      throw zip.refused("expected the zip64 records of a large archive, found none");
    }
    if (end.begin > endOfDirectory || end.begin + end.size != endOfDirectory) {
      throw zip.refused(
          "zip directory: expected it to end at byte "
              + endOfDirectory
              + ", found "
              + end.size
              + " bytes at byte "
              + end.begin);
    }
    return end;
  }

  private static ZipEnd zip64(ZipBytes zip, long locator, ZipEnd narrow) {
    long at = locator - ZIP64_BYTES;
    if (zip.u32(locator + 4) != 0 || zip.u32(locator + 16) > 1) {
      throw zip.refused("expected a zip archive in one file, found a part of several");
    }
    if (zip.u63("zip64 record", locator + 8) != at
        || zip.u32(at) != ZIP64_SIGNATURE
        || zip.u63("zip64 record", at + 4) != ZIP64_BYTES - ZIP64_UNCOUNTED) {
      throw zip.refused("expected the zip64 record right before its locator, found it elsewhere");
    }
    if (zip.u32(at + 16) != 0 || zip.u32(at + 20) != 0) {
      throw zip.refused("expected a zip archive in one file, found a part of several");
    }
    long entries = zip.u63("zip entries", at + 32);
    ZipEnd wide =
        new ZipEnd(entries, zip.u63("zip directory", at + 48), zip.u63("zip directory", at + 40));
    boolean agree =
        entries == zip.u63("zip entries", at + 24)
            && agree(narrow.entries, wide.entries, IN_ZIP64_16)
            && agree(narrow.begin, wide.begin, IN_ZIP64_32)
            && agree(narrow.size, wide.size, IN_ZIP64_32);
    if (!agree) {
      throw zip.refused(
          "expected both end records of the zip archive to agree, found "
              + wide
              + " and "
              + narrow);
    }
    return wide;
  }

  private static boolean agree(long narrow, long wide, long inZip64) {
    return narrow == wide || narrow == inZip64;
  }
}
