package dev.orrery.model.session;

import dev.orrery.kernels.tensor.Shape;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.SafetensorsFile;
import dev.orrery.runtime.checkpoint.TensorInfo;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.nio.file.Path;

/**
 * Video frames as the ids that a tokenizer gave their parts.
 *
 * @param frames how many
 * @param rows of a frame
 * @param columns of a frame
 * @param ids {@code [frames, rows, columns]}
 */
public record TokenFrames(int frames, int rows, int columns, int[] ids) {
  private static final String TENSOR = "tokens";

  private static final ValueLayout.OfInt I32 =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong I64 =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  /** Checks that there is an id for each token. */
  public TokenFrames {
    if (frames < 1 || rows < 1 || columns < 1 || ids.length != (long) frames * rows * columns) {
      throw new IllegalArgumentException(
          "expected ids for "
              + frames
              + " frames of "
              + rows
              + "x"
              + columns
              + " tokens, found "
              + ids.length);
    }
  }

  /**
   * Reads a safetensors file with a tensor {@code tokens [frames, rows, columns]} of I64 or I32.
   *
   * @param expected what the model takes
   * @throws CheckpointException if the file cannot be read, there is no such tensor, or it is not
   *     what the model takes
   */
  public static TokenFrames read(Path file, StartRequirements.Tokens expected) {
    try (SafetensorsFile stored = SafetensorsFile.open(file)) {
      MemorySegment bytes = stored.bytes(TENSOR);
      TensorInfo info = stored.tensors().get(TENSOR);
      Shape shape = info.shape();
      String type = info.type().name();
      boolean wide = type.equals("I64");
      if (!wide && !type.equals("I32") || shape.rank() != 3) {
        throw new UnusableStartException(
            "tokens: expected I64 or I32 [frames, rows, columns], found " + type + " " + shape);
      }
      expected.check(shape.extent(0), shape.extent(1), shape.extent(2));
      int[] ids = new int[Math.toIntExact(shape.elements())];
      for (int i = 0; i < ids.length; i++) {
        long id = wide ? bytes.getAtIndex(I64, i) : bytes.getAtIndex(I32, i);
        expected.check(id, i);
        ids[i] = (int) id;
      }
      return new TokenFrames(
          (int) shape.extent(0), (int) shape.extent(1), (int) shape.extent(2), ids);
    } catch (UnusableStartException e) {
      throw new CheckpointException(file.toString(), e.getMessage(), e);
    }
  }
}
