package dev.orrery.model.qwen;

import dev.orrery.runtime.checkpoint.CheckpointException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * The instruction that stands before every prompt. A single character of it changes what the text
 * encoder makes of all prompts, and it is not ours to publish: it is a file of the user's, and held
 * against what is known of it.
 *
 * @param bytes its length in UTF-8
 * @param sha256 of its bytes, 64 lower-case hexadecimal digits
 */
public record SystemPrompt(int bytes, String sha256) {
  /** That of HunyuanVideo-1.5 for videos. */
  public static final SystemPrompt RELEASED =
      new SystemPrompt(477, "547f3e99c78b2d9b0786a721b726d41be95ee2f52ebf90db55f381b1511c3905");

  /**
   * Reads it.
   *
   * @throws CheckpointException if the file cannot be read or is another text
   */
  public String read(Path file) {
    byte[] found;
    try {
      long size = Files.size(file);
      if (size != bytes) {
        throw new CheckpointException(
            file.toString(), "expected " + description() + ", found " + size + " bytes");
      }
      found = Files.readAllBytes(file);
    } catch (IOException e) {
      throw CheckpointException.cannotRead(file, e);
    }
    String digest = sha256(found);
    if (!digest.equals(sha256)) {
      throw new CheckpointException(
          file.toString(), "expected " + description() + ", found SHA-256 " + digest);
    }
    return new String(found, StandardCharsets.UTF_8);
  }

  /** What it is, for messages. */
  public String description() {
    return "the system prompt that the model was trained with, "
        + bytes
        + " bytes without a line end behind them, SHA-256 "
        + sha256;
  }

  private static String sha256(byte[] bytes) {
    try {
      return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
