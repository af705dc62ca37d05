package dev.orrery.runtime.checkpoint;

import dev.orrery.kernels.tensor.Shape;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * The validated header of a safetensors file: every byte of the data belongs to exactly one tensor,
 * and every tensor has the bytes that its dtype and shape ask for.
 *
 * <p>Source: huggingface/safetensors, README section "Format", and where that leaves questions,
 * what its library does, version 0.8.0. So white space may stand around the JSON object, of two
 * tensors of one name the last one counts, unknown members of a tensor are passed over, and {@code
 * null} metadata are none; {@code SafetensorsReferenceTest} has the list of cases. Three things
 * differ:
 *
 * <ul>
 *   <li>element types that are not known are kept by name, see {@link StoredType}; the library
 *       refuses the file;
 *   <li>extents and numbers of elements beyond 2^63 - 1 are refused; the library takes them below
 *       2^64 if another extent is 0;
 *   <li>a tensor must be an object whose dtype is a string; the library takes {@code
 *       ["U8",[1],[0,1]]} and {@code {"U8":null}} too, which no writer makes.
 * </ul>
 *
 * @param tensors by name, in the order of their data
 * @param metadata the free-form {@code __metadata__} entries
 */
record SafetensorsHeader(Map<String, TensorInfo> tensors, Map<String, String> metadata) {
  /** Bytes before the JSON text: its length, as a little-endian 64-bit integer. */
  static final int LENGTH_BYTES = 8;

  /** Longest JSON text that the format allows. */
  static final long MAX_JSON_BYTES = 100_000_000;

  static final String METADATA_KEY = "__metadata__";

  private static final Set<String> TENSOR_MEMBERS = Set.of("dtype", "shape", "data_offsets");

  /**
   * Checks the length field.
   *
   * @param file how error messages name the file
   * @param jsonBytes the field's value
   * @param fileBytes size of the file
   */
  static void checkLength(String file, long jsonBytes, long fileBytes) {
    if (jsonBytes < 0 || jsonBytes > MAX_JSON_BYTES) {
      throw new CheckpointException(
          file,
          "header length: expected at most 100 MB, found "
              + Long.toUnsignedString(jsonBytes)
              + " bytes");
    }
    if (jsonBytes > fileBytes - LENGTH_BYTES) {
      throw new CheckpointException(
          file,
          "header length: expected at most the "
              + (fileBytes - LENGTH_BYTES)
              + " bytes left in the file, found "
              + jsonBytes
              + "; the file is cut off or no safetensors file: download it again");
    }
  }

  /**
   * Parses and validates the JSON text.
   *
   * @param file how error messages name the file
   * @param json the JSON text
   * @param dataBytes bytes that follow it in the file
   */
  static SafetensorsHeader parse(String file, byte[] json, long dataBytes) {
    checkStart(file, json);
    List<JsonValue> replaced = new ArrayList<>();
    JsonValue root = JsonReader.ofHeader(file, replaced::add).read(json);
    Map<String, String> metadata = new LinkedHashMap<>();
    List<TensorInfo> tensors = new ArrayList<>();
    for (String name : root.keys()) {
      if (!name.equals(METADATA_KEY)) {
        tensors.add(tensor(file, name, root.get(name)));
      } else if (root.has(name)) {
        JsonValue entries = root.get(name);
        entries.keys().forEach(key -> metadata.put(key, entries.string(key)));
      }
    }
    replaced.forEach(value -> checkReplaced(file, value));
    // An empty tensor shares its offset with the next one and must come first.
    tensors.sort(Comparator.comparingLong(TensorInfo::begin).thenComparingLong(TensorInfo::end));
    checkCoverage(file, tensors, dataBytes);
    Map<String, TensorInfo> byName = new LinkedHashMap<>();
    tensors.forEach(tensor -> byName.put(tensor.name(), tensor));
    return new SafetensorsHeader(
        Collections.unmodifiableMap(byName), Collections.unmodifiableMap(metadata));
  }

  /** White space is all that may stand before the object; a byte order mark is none. */
  private static void checkStart(String file, byte[] json) {
    int at = 0;
    while (at < json.length && " \t\r\n".indexOf(json[at]) >= 0) {
      at++;
    }
    if (at == json.length || json[at] != '{') {
      throw new CheckpointException(
          file,
          "header: expected it to start with '{', found "
              + (at == json.length
                  ? "an empty header"
                  : String.format(Locale.ROOT, "byte 0x%02x", json[at])));
    }
  }

  /**
   * Checks a value that a later one of the same name took the place of: it must be valid, too, and
   * what describes a tensor, or all metadata, must not come twice.
   */
  private static void checkReplaced(String file, JsonValue value) {
    String name = value.name();
    switch (value.depth()) {
      case 1 -> {
        if (name.equals(METADATA_KEY)) {
          throw new CheckpointException(file, "duplicate key \"" + name + "\"");
        }
        tensor(file, name, value);
      }
      case 2 -> {
        if (value.parent().name().equals(METADATA_KEY)) {
          value.asString();
        } else if (TENSOR_MEMBERS.contains(name)) {
          throw new CheckpointException(file, "duplicate key \"" + value.path() + "\"");
        }
      }
      default -> {
        // Below a member that is passed over.
      }
    }
  }

  private static TensorInfo tensor(String file, String name, JsonValue entry) {
    StoredType type = type(entry.get("dtype"));
    Shape shape = shape(file, name, entry.get("shape"));
    JsonValue offsets = entry.get("data_offsets");
    if (offsets.asList().size() != 2) {
      throw offsets.unexpected("two offsets");
    }
    long begin = size(offsets.asList().get(0));
    long end = size(offsets.asList().get(1));
    if (end < begin) {
      throw refused(
          file,
          name,
          "data offsets: expected 0 <= begin <= end, found [" + begin + ", " + end + "]");
    }
    if (type.bits() > 0) {
      checkSize(file, name, type, shape, end - begin);
    }
    return new TensorInfo(name, type, shape, begin, end);
  }

  private static void checkSize(
      String file, String name, StoredType type, Shape shape, long found) {
    long bits;
    try {
      bits = Math.multiplyExact(shape.elements(), (long) type.bits());
    } catch (ArithmeticException e) {
      throw refused(
          file, name, "shape: expected a size that fits in 64 bits, found " + type + shape);
    }
    if (bits % 8 != 0) {
      throw refused(file, name, "shape: expected whole bytes, found " + type + shape);
    }
    if (found != bits / 8) {
      throw refused(
          file,
          name,
          "data size: expected " + bits / 8 + " bytes for " + type + shape + ", found " + found);
    }
  }

  private static StoredType type(JsonValue value) {
    try {
      return new StoredType(value.asString());
    } catch (IllegalArgumentException e) {
      throw value.unexpected("an element type such as F32");
    }
  }

  private static Shape shape(String file, String name, JsonValue value) {
    long[] extents = value.asList().stream().mapToLong(SafetensorsHeader::size).toArray();
    try {
      return Shape.of(extents);
    } catch (IllegalArgumentException e) {
      throw refused(file, name, "shape: expected a size that fits in 64 bits, found an overflow");
    }
  }

  /** A number of elements or bytes; -0 is none, as it is no integer to the format's library. */
  private static long size(JsonValue value) {
    long size = value.asLong();
    if (value.toString().startsWith("-")) {
      throw value.unexpected("a non-negative integer");
    }
    return size;
  }

  /** Requires that the tensors, sorted by offset, cover the data without overlap, hole or rest. */
  private static void checkCoverage(String file, List<TensorInfo> tensors, long dataBytes) {
    long position = 0;
    for (TensorInfo tensor : tensors) {
      if (tensor.begin() != position) {
        String problem = tensor.begin() < position ? "overlap" : "hole";
        throw refused(
            file,
            tensor.name(),
            "data offsets: expected to begin at byte "
                + position
                + ", found "
                + tensor.begin()
                + " ("
                + problem
                + ")");
      }
      position = tensor.end();
    }
    if (position > dataBytes) {
      throw new CheckpointException(
          file,
          "expected "
              + position
              + " data bytes behind the header, found "
              + dataBytes
              + "; the file is cut off: download it again");
    }
    if (position != dataBytes) {
      throw new CheckpointException(
          file,
          "expected "
              + position
              + " data bytes, found "
              + dataBytes
              + ": trailing bytes that belong to no tensor");
    }
  }

  private static CheckpointException refused(String file, String name, String problem) {
    return new CheckpointException(file, "tensor " + name + ": " + problem);
  }
}
