package dev.orrery.weights.hub;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.regex.Pattern;

/**
 * The hash that identifies the content of a file on a hub, and names it in the cache.
 *
 * @param kind how it is computed
 * @param hex in lower case
 */
public record Checksum(Kind kind, String hex) {
  private static final Pattern HEX = Pattern.compile("[0-9a-f]*");

  /** The two kinds of hashes of a hub. */
  public enum Kind {
    /** SHA-256 of the content, for files in large file storage. */
    SHA256("SHA-256", 64),
    /** What Git calls the file: SHA-1 of {@code "blob "}, the size, a zero byte and the content. */
    GIT_BLOB("SHA-1", 40);

    private final String algorithm;
    private final int digits;

    Kind(String algorithm, int digits) {
      this.algorithm = algorithm;
      this.digits = digits;
    }
  }

  /**
   * Checks the digits.
   *
   * @throws IllegalArgumentException if they are not those of such a hash
   */
  public Checksum {
    if (hex.length() != kind.digits || !HEX.matcher(hex).matches()) {
      throw new IllegalArgumentException(
          "expected "
              + kind.digits
              + " hexadecimal digits, found \""
              + HubException.printable(hex)
              + '"');
    }
  }

  /** A digest that has seen what comes before the content. */
  MessageDigest begin(long size) {
    MessageDigest digest;
    try {
      digest = MessageDigest.getInstance(kind.algorithm);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has " + kind.algorithm, e);
    }
    if (kind == Kind.GIT_BLOB) {
      digest.update(("blob " + size + "\0").getBytes(StandardCharsets.US_ASCII));
    }
    return digest;
  }

  /** The checksum that a digest has come to. */
  Checksum end(MessageDigest digest) {
    return new Checksum(kind, HexFormat.of().formatHex(digest.digest()));
  }

  @Override
  public String toString() {
    return kind.algorithm + " " + hex;
  }
}
