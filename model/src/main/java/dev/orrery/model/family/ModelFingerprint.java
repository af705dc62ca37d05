package dev.orrery.model.family;

import dev.orrery.model.session.ModelIdentity;
import dev.orrery.runtime.checkpoint.Checkpoint;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.CheckpointSet;
import dev.orrery.runtime.checkpoint.TensorInfo;
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
 * Tells models apart: SHA-256 over the files of the configuration and over name, type, shape and
 * the first 4 KiB of every tensor. Reading all weights would take as long as loading them; two
 * models that were trained apart differ everywhere. No protection against a file that was changed
 * on purpose.
 */
final class ModelFingerprint {
  private static final long HASHED_BYTES = 4 << 10;

  private ModelFingerprint() {}

  /**
   * Which model it is, with its fingerprint.
   *
   * @param family its id
   * @throws CheckpointException if a configuration cannot be read
   */
  static ModelIdentity identity(
      ModelFolder model, String family, List<Path> configurations, CheckpointSet weights) {
    VideoShape video = model.video();
    return new ModelIdentity(
        family,
        model.description(),
        video.width(),
        video.height(),
        video.framesPerSecond(),
        model.steps(),
        model.decoder(),
        of(configurations, weights));
  }

  /**
   * The fingerprint of a model, 64 hexadecimal digits.
   *
   * @throws CheckpointException if a configuration cannot be read
   */
  private static String of(List<Path> configurations, CheckpointSet weights) {
    MessageDigest digest = sha256();
    for (Path file : configurations) {
      try {
        digest.update(Files.readAllBytes(file));
      } catch (IOException e) {
        throw CheckpointException.cannotRead(file, e);
      }
    }
    for (Checkpoint checkpoint : weights.checkpoints()) {
      for (String name : new TreeSet<>(checkpoint.names())) {
        TensorInfo info = checkpoint.info(name).orElseThrow();
        String header = name + " " + info.type() + info.shape() + "\n";
        digest.update(header.getBytes(StandardCharsets.UTF_8));
        MemorySegment data = checkpoint.bytes(name);
        digest.update(data.asSlice(0, Math.min(HASHED_BYTES, data.byteSize())).asByteBuffer());
      }
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
