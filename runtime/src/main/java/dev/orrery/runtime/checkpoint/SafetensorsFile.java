package dev.orrery.runtime.checkpoint;

import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.HostBuffer;
import dev.orrery.kernels.tensor.Tensor;
import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;

/**
 * A safetensors file, mapped into memory. Opening reads and validates the header only; the data is
 * read by the operating system when it is touched, and lies outside the Java heap. Tensors start at
 * any byte: nothing may assume alignment.
 *
 * <p>Tensors are valid until the file is closed.
 */
public final class SafetensorsFile implements AutoCloseable {
  private static final ValueLayout.OfLong LENGTH =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** Bytes between two progress reports of {@link #load}. */
  private static final long LOAD_STEP = 32L << 20;

  private final Path path;
  private final Arena arena;
  private final MemorySegment data;
  private final SafetensorsHeader header;

  private SafetensorsFile(Path path, Arena arena, MemorySegment data, SafetensorsHeader header) {
    this.path = path;
    this.arena = arena;
    this.data = data;
    this.header = header;
  }

  /**
   * Maps a file and validates its header completely.
   *
   * @throws CheckpointException if the file cannot be read or its header is not valid
   */
  public static SafetensorsFile open(Path path) {
    return open(path, SafetensorsHeader.MAX_JSON_BYTES);
  }

  /**
   * As {@link #open(Path)}, for files of which it is known how long their headers are: what is read
   * of a header takes several times its bytes of memory.
   *
   * @param maxHeaderBytes the longest header
   */
  public static SafetensorsFile open(Path path, long maxHeaderBytes) {
    Arena arena = Arena.ofShared();
    try {
      MemorySegment file = map(path, arena);
      String name = path.toString();
      long jsonBytes = file.get(LENGTH, 0);
      SafetensorsHeader.checkLength(name, jsonBytes, file.byteSize());
      if (jsonBytes > maxHeaderBytes) {
        throw new CheckpointException(
            name,
            "header length: expected at most " + maxHeaderBytes + " bytes, found " + jsonBytes);
      }
      byte[] json =
          file.asSlice(SafetensorsHeader.LENGTH_BYTES, jsonBytes).toArray(ValueLayout.JAVA_BYTE);
      MemorySegment data = file.asSlice(SafetensorsHeader.LENGTH_BYTES + jsonBytes);
      SafetensorsHeader header = SafetensorsHeader.parse(name, json, data.byteSize());
      return new SafetensorsFile(path, arena, data, header);
    } catch (IOException e) {
      arena.close();
      throw CheckpointException.cannotRead(path, e);
    } catch (CheckpointException e) {
      arena.close();
      throw FileKind.explain(path, "a safetensors file", List.of(FileKind.SAFETENSORS), e);
    } catch (RuntimeException | Error e) {
      arena.close();
      throw e;
    }
  }

  private static MemorySegment map(Path path, Arena arena) throws IOException {
    if (!Files.exists(path)) {
      throw new NoSuchFileException(path.toString());
    }
    if (!Files.isRegularFile(path)) {
      throw new CheckpointException(path.toString(), "expected a file, found a folder or device");
    }
    try (FileChannel channel = FileChannel.open(path, StandardOpenOption.READ)) {
      if (channel.size() < SafetensorsHeader.LENGTH_BYTES) {
        throw new CheckpointException(
            path.toString(),
            "expected a safetensors file of at least 8 bytes, found " + channel.size() + " bytes");
      }
      return channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size(), arena);
    }
  }

  /** The path it was opened by. */
  public Path path() {
    return path;
  }

  /** What the header says about each tensor, by name, in the order of their data. */
  public Map<String, TensorInfo> tensors() {
    return header.tensors();
  }

  /** The free-form entries of the header. */
  public Map<String, String> metadata() {
    return header.metadata();
  }

  /** Bytes of all tensors. */
  public long byteSize() {
    return data.byteSize();
  }

  /**
   * A view of the mapped memory of one tensor; nothing is copied or read.
   *
   * @throws CheckpointException if there is no tensor of that name, or it has a type that nothing
   *     computes with
   */
  public Tensor tensor(String name) {
    TensorInfo info = info(name);
    DType dtype =
        info.type()
            .dtype()
            .orElseThrow(
                () ->
                    new CheckpointException(
                        path.toString(),
                        "tensor "
                            + name
                            + ": expected one of the dtypes "
                            + Arrays.toString(DType.values())
                            + " to compute with, found "
                            + info.type()));
    return new Tensor(dtype, info.shape(), new HostBuffer(bytes(name)), 0);
  }

  /**
   * The mapped memory of one tensor of any type; nothing is copied or read.
   *
   * @throws CheckpointException if there is no tensor of that name
   */
  public MemorySegment bytes(String name) {
    TensorInfo info = info(name);
    return data.asSlice(info.begin(), info.byteSize());
  }

  private TensorInfo info(String name) {
    TensorInfo info = header.tensors().get(name);
    if (info == null) {
      throw new CheckpointException(path.toString(), "tensor " + name + ": expected, but missing");
    }
    return info;
  }

  /**
   * Reads all data into memory, as far as the operating system has room, so that the first step
   * does not wait for the disk.
   *
   * @param progress gets the bytes read so far, every 32 MiB and at the end
   */
  public void load(LongConsumer progress) {
    for (long from = 0; from < data.byteSize(); from += LOAD_STEP) {
      long bytes = Math.min(LOAD_STEP, data.byteSize() - from);
      data.asSlice(from, bytes).load();
      progress.accept(from + bytes);
    }
  }

  /** Unmaps the file; its tensors must no longer be used. Closing twice does nothing. */
  @Override
  public void close() {
    if (arena.scope().isAlive()) {
      arena.close();
    }
  }
}
