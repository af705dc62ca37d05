package dev.orrery.runtime.checkpoint;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Safetensors files written by hand, for headers that the writer would not produce. */
final class HostileFile {
  private HostileFile() {}

  /** A file of a correct length field, the header as given and that many zero bytes of data. */
  static Path of(Path file, String header, int dataBytes) throws IOException {
    return of(file, header.getBytes(StandardCharsets.UTF_8), dataBytes);
  }

  static Path of(Path file, byte[] header, int dataBytes) throws IOException {
    return of(file, header.length, header, dataBytes);
  }

  static Path of(Path file, long length, byte[] header, int dataBytes) throws IOException {
    ByteBuffer bytes =
        ByteBuffer.allocate(8 + header.length + dataBytes).order(ByteOrder.LITTLE_ENDIAN);
    bytes.putLong(length).put(header);
    return Files.write(file, bytes.array());
  }
}
