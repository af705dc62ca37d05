package dev.orrery.model.umt5;

import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.JsonValue;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The table of replacements of a SentencePiece model, {@code precompiled_charsmap}: a 32-bit length
 * in bytes, a double-array trie over UTF-8 of so many bytes, and the replacements, each ended by a
 * zero byte.
 *
 * <p>It is applied as Hugging Face's tokenizers do, to one grapheme cluster after the other: a
 * cluster of less than six bytes that begins with an entry is replaced as a whole, by the shortest
 * such entry; of others, every code point is looked up by itself.
 *
 * <p>Source: layout of the units as in darts-clone, which SentencePiece uses.
 */
final class PrecompiledCharsmap {
  private static final Pattern CLUSTER = Pattern.compile("\\X", Pattern.DOTALL);
  private static final int LONGEST_CLUSTER = 5;
  private static final int NONE = -1;

  /** How errors name the file and the place in it; the document itself is not kept. */
  private final String source;

  private final String path;
  private final int[] units;
  private final byte[] replacements;

  private PrecompiledCharsmap(JsonValue json, int[] units, byte[] replacements) {
    source = json.source();
    path = json.path();
    this.units = units;
    this.replacements = replacements;
  }

  static PrecompiledCharsmap of(JsonValue json) {
    ByteBuffer bytes;
    try {
      bytes = ByteBuffer.wrap(Base64.getDecoder().decode(json.asString()));
    } catch (IllegalArgumentException e) {
      throw json.unexpected("base64");
    }
    bytes.order(ByteOrder.LITTLE_ENDIAN);
    int length = bytes.remaining() < 4 ? NONE : bytes.getInt();
    if (length < 4 || length % 4 != 0 || length > bytes.remaining()) {
      throw json.unexpected("a trie of whole units within the data, after its length");
    }
    int[] units = new int[length / 4];
    bytes.asIntBuffer().get(units);
    byte[] replacements = new byte[bytes.remaining() - length];
    bytes.position(bytes.position() + length).get(replacements);
    return new PrecompiledCharsmap(json, units, replacements);
  }

  String normalize(String text) {
    StringBuilder out = new StringBuilder(text.length());
    Matcher clusters = CLUSTER.matcher(text);
    while (clusters.find()) {
      String cluster = clusters.group();
      byte[] bytes = cluster.getBytes(StandardCharsets.UTF_8);
      int whole = bytes.length <= LONGEST_CLUSTER ? find(bytes) : NONE;
      if (whole != NONE) {
        out.append(replacement(whole));
      } else {
        cluster.codePoints().forEach(codePoint -> append(codePoint, out));
      }
    }
    return out.toString();
  }

  private void append(int codePoint, StringBuilder out) {
    int at = find(Character.toString(codePoint).getBytes(StandardCharsets.UTF_8));
    if (at == NONE) {
      out.appendCodePoint(codePoint);
    } else {
      out.append(replacement(at));
    }
  }

  /** Where the replacement of the shortest entry that starts a text lies. */
  private int find(byte[] text) {
    int node = offset(units[0]);
    for (byte b : text) {
      int label = b & 0xFF;
      node ^= label;
      int unit = unit(node);
      // The highest bit marks a value, which is no label.
      if (label == 0 || (unit & 0x800000FF) != label) {
        return NONE;
      }
      node ^= offset(unit);
      if ((unit >>> 8 & 1) == 1) {
        return unit(node) & 0x7FFFFFFF;
      }
    }
    return NONE;
  }

  private int unit(int at) {
    if (at < 0 || at >= units.length) {
      throw leadsOut("nodes", "inside it");
    }
    return units[at];
  }

  private CheckpointException leadsOut(String what, String where) {
    return new CheckpointException(
        source, path + ": expected a trie whose " + what + " lie " + where + ", found others");
  }

  private static int offset(int unit) {
    return unit >>> 10 << ((unit & 1 << 9) >>> 6);
  }

  private String replacement(int at) {
    if (at >= replacements.length) {
      throw leadsOut("replacements", "within the data behind it");
    }
    int end = at;
    while (end < replacements.length && replacements[end] != 0) {
      end++;
    }
    return new String(replacements, at, end - at, StandardCharsets.UTF_8);
  }
}
