package dev.orrery.runtime.media;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import javax.imageio.stream.FileImageInputStream;
import javax.imageio.stream.ImageInputStream;
import javax.imageio.stream.MemoryCacheImageInputStream;

/** Where the bytes of an image are. */
sealed interface ImageSource {
  /** What messages call it. */
  String name();

  /** Opens it, to look here and there. */
  FileBytes open() throws IOException;

  /** All of it, for a reader of Java's. */
  ImageInputStream stream() throws IOException;

  /** A file. */
  record InFile(Path file) implements ImageSource {
    @Override
    public String name() {
      return file.toString();
    }

    @Override
    public FileBytes open() throws IOException {
      return FileBytes.of(FileChannel.open(file));
    }

    @Override
    public ImageInputStream stream() throws IOException {
      return new FileImageInputStream(file.toFile());
    }
  }

  /** Bytes that came from elsewhere. */
  record InMemory(String name, byte[] bytes) implements ImageSource {
    @Override
    public FileBytes open() {
      return FileBytes.of(bytes);
    }

    @Override
    public ImageInputStream stream() {
      return new MemoryCacheImageInputStream(new ByteArrayInputStream(bytes));
    }
  }
}
