package dev.orrery.kernels.tornado;

import dev.orrery.kernels.tensor.DType;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import uk.ac.manchester.tornado.api.types.arrays.TornadoNativeArray;

/**
 * A large array on the device, of which tensors are ranges. A task graph binds arrays, and every
 * task is compiled for its own: with an array for each tensor there would be no end of compiling.
 *
 * <p>TornadoVM wants memory on the host behind every array. Nothing ever reads or writes it here,
 * so it is a mapped file without content that takes neither memory nor disk.
 */
final class Slab {
  /** Elements at the front that belong to nobody: what makes the slab stay writes the first. */
  static final int RESERVED = 16;

  /** Tensors start at a multiple of so many elements. */
  private static final int ALIGNMENT = 16;

  private final TornadoNativeArray array;
  private final Elements kind;
  private final long elements;
  private final Arena mapping = Arena.ofShared();
  private long used = RESERVED;

  /** A new slab, which has no place on the device yet. */
  Slab(Elements kind, long elements) {
    this.kind = kind;
    this.elements = elements;
    array =
        kind.arrayIn(
            emptyFile(TornadoNativeArray.ARRAY_HEADER + elements * kind.byteSize(), mapping));
  }

  /** The most elements that ranges can take to the last one. */
  static long elements(long bytes, Elements kind) {
    return bytes / kind.byteSize() / ALIGNMENT * ALIGNMENT;
  }

  /** Bytes of a slab for so many elements and no more. */
  static long bytesFor(long count, DType dtype) {
    return (RESERVED + Math.ceilDiv(count, ALIGNMENT) * ALIGNMENT) * dtype.byteSize();
  }

  private static MemorySegment emptyFile(long bytes, Arena arena) {
    try {
      Path file = Files.createTempFile("orrery-slab", null);
      try (FileChannel channel =
          FileChannel.open(
              file,
              StandardOpenOption.READ,
              StandardOpenOption.WRITE,
              StandardOpenOption.SPARSE,
              StandardOpenOption.DELETE_ON_CLOSE)) {
        return channel.map(FileChannel.MapMode.READ_WRITE, 0, bytes, arena);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(
          "cannot map a temporary file of "
              + bytes
              + " bytes in "
              + System.getProperty("java.io.tmpdir"),
          e);
    }
  }

  TornadoNativeArray array() {
    return array;
  }

  long byteSize() {
    return elements * kind.byteSize();
  }

  /** Takes a range; negative if there is no room for it. */
  long take(long count) {
    long start = used;
    long end = start + Math.ceilDiv(count, ALIGNMENT) * ALIGNMENT;
    if (end > elements) {
      return -1;
    }
    used = end;
    return start;
  }

  /** Gives the host's side back, when the device's is. */
  void close() {
    mapping.close();
  }
}
