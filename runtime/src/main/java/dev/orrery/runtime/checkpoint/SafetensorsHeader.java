package dev.orrery.runtime.checkpoint;

import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * The validated header of a safetensors file: every byte of the data belongs to exactly one tensor,
 * and every tensor has the bytes that its dtype and shape ask for.
 *
 * <p>Source: huggingface/safetensors, README section "Format".
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
              + "; the file is truncated or not a safetensors file");
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
    if (json.length == 0 || json[0] != '{') {
      throw new CheckpointException(
          file,
          "header: expected it to start with '{', found "
              + (json.length == 0
                  ? "an empty header"
                  : String.format(Locale.ROOT, "byte 0x%02x", json[0])));
    }
    JsonValue root = JsonValue.parse(file, json);
    Map<String, String> metadata = new LinkedHashMap<>();
    List<TensorInfo> tensors = new ArrayList<>();
    for (String name : root.keys()) {
      if (name.equals(METADATA_KEY)) {
        JsonValue entries = root.get(name);
        entries.keys().forEach(key -> metadata.put(key, entries.string(key)));
      } else {
        tensors.add(tensor(file, name, root.get(name)));
      }
    }
    // An empty tensor shares its offset with the next one and must come first.
    tensors.sort(Comparator.comparingLong(TensorInfo::begin).thenComparingLong(TensorInfo::end));
    checkCoverage(file, tensors, dataBytes);
    Map<String, TensorInfo> byName = new LinkedHashMap<>();
    tensors.forEach(tensor -> byName.put(tensor.name(), tensor));
    return new SafetensorsHeader(
        Collections.unmodifiableMap(byName), Collections.unmodifiableMap(metadata));
  }

  private static TensorInfo tensor(String file, String name, JsonValue entry) {
    DType dtype = dtype(entry.get("dtype"));
    Shape shape = shape(file, name, entry.get("shape"));
    JsonValue offsets = entry.get("data_offsets");
    if (offsets.asList().size() != 2) {
      throw offsets.unexpected("two offsets");
    }
    long begin = offsets.asList().get(0).asLong();
    long end = offsets.asList().get(1).asLong();
    if (begin < 0 || end < begin) {
      throw refused(
          file,
          name,
          "data offsets: expected 0 <= begin <= end, found [" + begin + ", " + end + "]");
    }
    long bytes;
    try {
      bytes = Math.multiplyExact(shape.elements(), (long) dtype.byteSize());
    } catch (ArithmeticException e) {
      throw refused(
          file, name, "shape: expected a size that fits in 64 bits, found " + dtype + shape);
    }
    if (end - begin != bytes) {
      throw refused(
          file,
          name,
          "data size: expected "
              + bytes
              + " bytes for "
              + dtype
              + shape
              + ", found "
              + (end - begin));
    }
    return new TensorInfo(name, dtype, shape, begin, end);
  }

  private static DType dtype(JsonValue value) {
    String name = value.asString();
    try {
      return DType.valueOf(name);
    } catch (IllegalArgumentException e) {
      throw value.unexpected("one of the dtypes " + Arrays.toString(DType.values()));
    }
  }

  private static Shape shape(String file, String name, JsonValue value) {
    long[] extents = value.asList().stream().mapToLong(SafetensorsHeader::extent).toArray();
    try {
      return Shape.of(extents);
    } catch (IllegalArgumentException e) {
      throw refused(file, name, "shape: expected a size that fits in 64 bits, found an overflow");
    }
  }

  private static long extent(JsonValue value) {
    long extent = value.asLong();
    if (extent < 0) {
      throw value.unexpected("a non-negative integer");
    }
    return extent;
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
      if (tensor.end() > dataBytes) {
        throw refused(
            file,
            tensor.name(),
            "data offsets: expected to end within the "
                + dataBytes
                + " data bytes, found "
                + tensor.end()
                + "; the file is truncated");
      }
      position = tensor.end();
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
