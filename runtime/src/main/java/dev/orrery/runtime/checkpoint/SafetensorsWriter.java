package dev.orrery.runtime.checkpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.runtime.files.PendingOutput;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes a safetensors file piece by piece, so that it may be larger than memory. All tensors are
 * declared first; their data follows in the same order. The bytes depend on the declarations, the
 * metadata and the data only.
 *
 * <p>Everything goes to a temporary file beside the target, which {@link #finish} moves into place:
 * a reader sees the old file or the complete new one. Closing without {@code finish} leaves nothing
 * behind.
 */
public final class SafetensorsWriter implements AutoCloseable {
  /** Bytes of memory that writing takes. */
  public static final int STAGING_BYTES = 1 << 20;

  private final Path target;
  private final PendingOutput output;
  private final FileChannel channel;
  private final Map<String, TensorInfo> tensors;
  private final ByteBuffer staging = ByteBuffer.allocateDirect(STAGING_BYTES);
  private final long dataBytes;
  private long position;

  private SafetensorsWriter(
      Path target, PendingOutput output, Map<String, TensorInfo> tensors, long dataBytes)
      throws IOException {
    this.target = target;
    this.output = output;
    this.channel = FileChannel.open(output.temporary(), StandardOpenOption.WRITE);
    this.tensors = tensors;
    this.dataBytes = dataBytes;
  }

  /**
   * Writes tensors that are in memory.
   *
   * @throws CheckpointException if the file cannot be written
   */
  public static void write(Path target, Map<String, Tensor> tensors, Map<String, String> metadata) {
    List<TensorSpec> specs = new ArrayList<>();
    tensors.forEach(
        (name, tensor) -> specs.add(new TensorSpec(name, tensor.dtype(), tensor.shape())));
    try (SafetensorsWriter writer = create(target, specs, metadata)) {
      tensors.forEach(writer::write);
      writer.finish();
    }
  }

  /**
   * Starts a file.
   *
   * @param target where the file will be; an existing file there is replaced by {@link #finish}
   * @param specs all tensors, in the order in which their data will come
   * @throws IllegalArgumentException if a name occurs twice or is reserved by the format
   * @throws CheckpointException if the file cannot be written
   */
  public static SafetensorsWriter create(
      Path target, List<TensorSpec> specs, Map<String, String> metadata) {
    Map<String, TensorInfo> tensors = new LinkedHashMap<>();
    long end = 0;
    for (TensorSpec spec : specs) {
      long begin = end;
      end = Math.addExact(begin, spec.byteSize());
      TensorInfo info = new TensorInfo(spec.name(), spec.type(), spec.shape(), begin, end);
      if (tensors.put(spec.name(), info) != null
          || spec.name().equals(SafetensorsHeader.METADATA_KEY)) {
        throw new IllegalArgumentException("tensor name used twice or reserved: " + spec.name());
      }
    }
    try {
      byte[] header = header(tensors, metadata);
      PendingOutput output = PendingOutput.begin(target);
      SafetensorsWriter writer = null;
      try {
        writer = new SafetensorsWriter(target, output, tensors, end);
        writer.writeFully(ByteBuffer.wrap(header));
        return writer;
      } catch (IOException e) {
        if (writer != null) {
          writer.close();
        }
        output.close();
        throw e;
      }
    } catch (IOException e) {
      throw CheckpointException.cannotWrite(target, e);
    }
  }

  /**
   * The length field and the JSON text, padded with spaces so that the data starts at a multiple of
   * 8.
   */
  private static byte[] header(Map<String, TensorInfo> tensors, Map<String, String> metadata)
      throws IOException {
    ByteArrayOutputStream json = new ByteArrayOutputStream();
    try (JsonGenerator out = new JsonFactory().createGenerator(json)) {
      out.writeStartObject();
      if (!metadata.isEmpty()) {
        out.writeObjectFieldStart(SafetensorsHeader.METADATA_KEY);
        for (var entry : metadata.entrySet()) {
          out.writeStringField(entry.getKey(), entry.getValue());
        }
        out.writeEndObject();
      }
      for (TensorInfo tensor : tensors.values()) {
        long[] extents = tensor.shape().extents();
        out.writeObjectFieldStart(tensor.name());
        out.writeStringField("dtype", tensor.type().name());
        out.writeFieldName("shape");
        out.writeArray(extents, 0, extents.length);
        out.writeFieldName("data_offsets");
        out.writeArray(new long[] {tensor.begin(), tensor.end()}, 0, 2);
        out.writeEndObject();
      }
      out.writeEndObject();
    }
    int padded = (json.size() + 7) / 8 * 8;
    if (padded > SafetensorsHeader.MAX_JSON_BYTES) {
      throw new IOException(
          "the header would have " + padded + " bytes, more than the 100 MB of the format");
    }
    byte[] bytes = new byte[SafetensorsHeader.LENGTH_BYTES + padded];
    Arrays.fill(bytes, (byte) ' ');
    ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(padded).put(json.toByteArray());
    return bytes;
  }

  /**
   * Writes the whole data of the next tensor.
   *
   * @throws IllegalArgumentException if the tensor is not the next one or differs from its
   *     declaration
   * @throws CheckpointException if the file cannot be written
   */
  public void write(String name, Tensor tensor) {
    TensorInfo info = declared(name);
    if (!StoredType.of(tensor.dtype()).equals(info.type())
        || !tensor.shape().equals(info.shape())) {
      throw new IllegalArgumentException(
          name + ": expected " + info.type() + info.shape() + " as declared, found " + tensor);
    }
    append(name, tensor.segment());
  }

  /**
   * Appends a piece of the data of the tensor that is being written or comes next.
   *
   * @throws IllegalArgumentException if the piece does not belong at the current position of the
   *     file
   * @throws CheckpointException if the file cannot be written
   */
  public void append(String name, MemorySegment piece) {
    TensorInfo info = declared(name);
    if (position < info.begin() || piece.byteSize() > info.end() - position) {
      throw new IllegalArgumentException(
          name
              + ": "
              + piece.byteSize()
              + " bytes at position "
              + position
              + " are not within its data ["
              + info.begin()
              + ", "
              + info.end()
              + ")");
    }
    try {
      for (long from = 0; from < piece.byteSize(); from += STAGING_BYTES) {
        int bytes = (int) Math.min(STAGING_BYTES, piece.byteSize() - from);
        // Staged, because a channel does not take the memory of every kind of array.
        MemorySegment.copy(piece, from, MemorySegment.ofBuffer(staging.clear()), 0, bytes);
        writeFully(staging.limit(bytes));
      }
    } catch (IOException e) {
      throw CheckpointException.cannotWrite(target, e);
    }
    position += piece.byteSize();
  }

  /**
   * Completes the file and moves it into place.
   *
   * @throws IllegalStateException if data is missing
   * @throws CheckpointException if the file cannot be written
   */
  public void finish() {
    if (position != dataBytes) {
      throw new IllegalStateException(
          target + ": expected " + dataBytes + " data bytes, found " + position);
    }
    try {
      channel.force(true);
      channel.close();
      output.moveIntoPlace();
    } catch (IOException e) {
      throw CheckpointException.cannotWrite(target, e);
    }
  }

  /** Gives up the file unless it was finished. */
  @Override
  public void close() {
    try {
      channel.close();
    } catch (IOException e) {
      throw CheckpointException.cannotWrite(target, e);
    } finally {
      output.close();
    }
  }

  private TensorInfo declared(String name) {
    TensorInfo info = tensors.get(name);
    if (info == null) {
      throw new IllegalArgumentException(name + ": not declared for " + target);
    }
    return info;
  }

  private void writeFully(ByteBuffer bytes) throws IOException {
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }
}
