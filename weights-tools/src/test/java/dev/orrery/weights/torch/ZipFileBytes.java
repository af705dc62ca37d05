package dev.orrery.weights.torch;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.zip.CRC32;
import java.util.zip.Deflater;

/**
 * Zip files in the layout of PyTorch: names in UTF-8, sizes after the data, zip64 records where
 * they are needed. Single bytes can then be made wrong.
 */
final class ZipFileBytes {
  private static final int FLAGS = 0x0808;
  private static final long LARGE = 0xffffffffL;

  private record Entry(String name, int method, int crc, long storedSize, long size, long header) {}

  private final Path path;
  private final FileChannel channel;
  private final List<Entry> entries = new ArrayList<>();

  private ZipFileBytes(Path path) throws IOException {
    this.path = path;
    this.channel =
        FileChannel.open(
            path,
            StandardOpenOption.CREATE,
            StandardOpenOption.WRITE,
            StandardOpenOption.TRUNCATE_EXISTING);
  }

  static ZipFileBytes create(Path path) throws IOException {
    return new ZipFileBytes(path);
  }

  /** An archive of a pickle and one storage of zeros for each size, named by its number. */
  static Path archive(Path path, byte[] pickle, int... storageBytes) throws IOException {
    ZipFileBytes zip = create(path).stored("a/data.pkl", pickle);
    for (int i = 0; i < storageBytes.length; i++) {
      zip.stored("a/data/" + i, new byte[storageBytes[i]]);
    }
    return zip.end();
  }

  ZipFileBytes stored(String name, byte[] content) throws IOException {
    return stored(name, 0, content);
  }

  /** Adds an entry that begins with a hole in the file, which takes no space on the disk. */
  ZipFileBytes stored(String name, long hole, byte[] content) throws IOException {
    CRC32 crc = new CRC32();
    crc.update(content);
    long size = hole + content.length;
    return add(new Entry(name, 0, (int) crc.getValue(), size, size, channel.size()), content);
  }

  ZipFileBytes deflated(String name, byte[] content) throws IOException {
    CRC32 crc = new CRC32();
    crc.update(content);
    byte[] stored = new byte[content.length + 1024];
    int length;
    try (Deflater deflater = new Deflater(9, true)) {
      deflater.setInput(content);
      deflater.finish();
      length = deflater.deflate(stored);
    }
    Entry entry = new Entry(name, 8, (int) crc.getValue(), length, content.length, channel.size());
    return add(entry, Arrays.copyOf(stored, length));
  }

  private ZipFileBytes add(Entry entry, byte[] stored) throws IOException {
    byte[] name = entry.name.getBytes(StandardCharsets.UTF_8);
    ByteBuffer header = little(30 + name.length);
    header.putInt(0x04034b50).putShort((short) 0).putShort((short) FLAGS);
    header.putShort((short) entry.method).position(26);
    header.putShort((short) name.length).position(30).put(name);
    write(channel.size(), header);
    write(channel.size() + entry.storedSize - stored.length, ByteBuffer.wrap(stored));
    boolean large = entry.size > LARGE || entry.header > LARGE;
    ByteBuffer sizes = little(large ? 24 : 16).putInt(0x08074b50).putInt(entry.crc);
    if (large) {
      sizes.putLong(entry.storedSize).putLong(entry.size);
    } else {
      sizes.putInt((int) entry.storedSize).putInt((int) entry.size);
    }
    write(channel.size(), sizes);
    entries.add(entry);
    return this;
  }

  /** Writes the directory and the records at the end. */
  Path end() throws IOException {
    long begin = channel.size();
    for (Entry entry : entries) {
      writeDirectoryEntry(entry);
    }
    long end = channel.size();
    ByteBuffer records = little(98);
    records.putInt(0x06064b50).putLong(44).putShort((short) 45).putShort((short) 45);
    records.putInt(0).putInt(0).putLong(entries.size()).putLong(entries.size());
    records.putLong(end - begin).putLong(begin);
    records.putInt(0x07064b50).putInt(0).putLong(end).putInt(1);
    records.putInt(0x06054b50).putInt(0);
    short count = (short) Math.min(entries.size(), 0xffff);
    records.putShort(count).putShort(count).putInt((int) (end - begin));
    records.putInt((int) Math.min(begin, LARGE));
    write(end, records);
    channel.close();
    return path;
  }

  private void writeDirectoryEntry(Entry entry) throws IOException {
    byte[] name = entry.name.getBytes(StandardCharsets.UTF_8);
    ByteBuffer wide = little(28).putShort((short) 1).putShort((short) 0);
    for (long value : new long[] {entry.size, entry.storedSize, entry.header}) {
      if (value >= LARGE) {
        wide.putLong(value);
      }
    }
    int extra = wide.position() == 4 ? 0 : wide.position();
    wide.putShort(2, (short) (extra - 4));
    ByteBuffer header = little(46 + name.length + extra);
    header.putInt(0x02014b50).putInt(0).putShort((short) FLAGS).putShort((short) entry.method);
    header.putInt(0).putInt(entry.crc).putInt((int) Math.min(entry.storedSize, LARGE));
    header.putInt((int) Math.min(entry.size, LARGE)).putShort((short) name.length);
    header.putShort((short) extra).position(42);
    header.putInt((int) Math.min(entry.header, LARGE)).put(name).put(wide.array(), 0, extra);
    write(channel.size(), header);
  }

  private void write(long position, ByteBuffer bytes) throws IOException {
    bytes.rewind();
    while (bytes.hasRemaining()) {
      position += channel.write(bytes, position);
    }
  }

  private static ByteBuffer little(int bytes) {
    return ByteBuffer.allocate(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }
}
