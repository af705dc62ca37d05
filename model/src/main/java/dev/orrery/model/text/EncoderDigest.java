package dev.orrery.model.text;

import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.TensorSource;
import java.io.IOException;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.TreeSet;

/**
 * Tells text encoders apart: SHA-256 over the tokenizer's files and over name, type, shape and the
 * first 64 KiB of every tensor. Reading all of an encoder of 11 GB would take longer than encoding
 * a prompt; two encoders that were trained apart differ everywhere. No protection against a file
 * that was changed on purpose.
 */
public final class EncoderDigest {
  private static final long HASHED_BYTES = 64 << 10;

  private EncoderDigest() {}

  /**
   * The digest of an encoder, 64 hexadecimal digits.
   *
   * @param weights the encoder's tensors, in host memory
   * @param tokenizer the files of its tokenizer, such as {@code tokenizer.json}
   * @throws CheckpointException if one of them cannot be read
   */
  public static String of(TensorSource weights, List<Path> tokenizer) {
    MessageDigest digest = sha256();
    for (Path file : tokenizer) {
      try {
        digest.update(Files.readAllBytes(file));
      } catch (IOException e) {
        throw CheckpointException.cannotRead(file, e);
      }
    }
    for (String name : new TreeSet<>(weights.names())) {
      // A source of stored tensors returns what it has, whatever shape it is asked for.
      Tensor tensor = weights.find(name, Shape.of()).orElseThrow();
      digest.update((name + " " + tensor + "\n").getBytes(StandardCharsets.UTF_8));
      MemorySegment data = tensor.segment();
      digest.update(data.asSlice(0, Math.min(HASHED_BYTES, data.byteSize())).asByteBuffer());
    }
    return HexFormat.of().formatHex(digest.digest());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
