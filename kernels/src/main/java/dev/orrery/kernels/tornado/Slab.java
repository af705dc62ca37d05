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
import uk.ac.manchester.tornado.api.types.arrays.ByteArray;
import uk.ac.manchester.tornado.api.types.arrays.FloatArray;
import uk.ac.manchester.tornado.api.types.arrays.ShortArray;
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
  private final int elementSize;
  private final long elements;
  private final Arena mapping = Arena.ofShared();
  private long used = RESERVED;

  /**
   * A new slab, which has no place on the device yet.
   *
   * @param elementSize bytes: 4 for fp32, 2 for 16-bit floats, 1 for bytes
   */
  Slab(int elementSize, long elements) {
    this.elementSize = elementSize;
    this.elements = elements;
    MemorySegment host =
        emptyFile(TornadoNativeArray.ARRAY_HEADER + elements * elementSize, mapping);
    array =
        switch (elementSize) {
          case 4 -> FloatArray.fromSegmentShallow(host);
          case 2 -> ShortArray.fromSegmentShallow(host);
          case 1 -> ByteArray.fromSegmentShallow(host);
          default -> throw new IllegalArgumentException("elements of " + elementSize + " bytes");
        };
  }

  /**
   * Bytes of the elements that a dtype is kept in.
   *
   * @throws IllegalArgumentException if slabs hold no such dtype
   */
  static int elementSize(DType dtype) {
    return switch (dtype) {
      case F32 -> 4;
      case F16, BF16 -> 2;
      // Values in fp8 may lie here, so that it is the missing kernel that is named.
      case I8, U8, F8_E4M3 -> 1;
      default ->
          throw new IllegalArgumentException(
              "TornadoVM: expected F32, F16, BF16, F8_E4M3, I8 or U8, found " + dtype);
    };
  }

  /** The most elements that ranges can take to the last one. */
  static long elements(long bytes, int elementSize) {
    return bytes / elementSize / ALIGNMENT * ALIGNMENT;
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
    return elements * elementSize;
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
