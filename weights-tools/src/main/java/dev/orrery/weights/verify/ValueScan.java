package dev.orrery.weights.verify;

import dev.orrery.model.session.Progress;
import dev.orrery.runtime.checkpoint.StoredType;
import dev.orrery.runtime.checkpoint.TensorSpec;
import dev.orrery.weights.source.StoredTensors;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.List;

/** Counts values that are not numbers, in tensors of every floating-point type. */
public final class ValueScan {
  private static final ValueLayout.OfShort SHORT =
      ValueLayout.JAVA_SHORT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfInt INT =
      ValueLayout.JAVA_INT_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);
  private static final ValueLayout.OfLong LONG =
      ValueLayout.JAVA_LONG_UNALIGNED.withOrder(ByteOrder.LITTLE_ENDIAN);

  private long notANumber;
  private long infinite;

  private ValueScan() {}

  /**
   * What was counted in a tensor.
   *
   * @param tensor the tensor
   * @param notANumber values that are NaN
   * @param infinite values that are infinite
   */
  public record Counts(TensorSpec tensor, long notANumber, long infinite) {
    /** Whether all values are numbers. */
    public boolean isClean() {
      return notANumber == 0 && infinite == 0;
    }
  }

  /**
   * Reads all tensors once.
   *
   * @param progress receives progress in MiB; an exception that it throws ends the scan
   * @return the counts of every tensor, in the order of the data; integers have none
   */
  public static List<Counts> of(StoredTensors tensors, Progress progress) {
    List<Counts> counts = new ArrayList<>();
    long bytes = tensors.tensors().values().stream().mapToLong(TensorSpec::byteSize).sum();
    int total = (int) Math.max(1, bytes >> 20);
    String stage = "reading " + tensors.path().getFileName() + ", MiB";
    long[] done = {0};
    for (TensorSpec tensor : tensors.tensors().values()) {
      ValueScan scan = new ValueScan();
      tensors.read(
          tensor.name(),
          piece -> {
            scan.count(piece, tensor.type());
            done[0] += piece.byteSize();
            progress.report(stage, Math.min(total, (int) (done[0] >> 20)), total);
          });
      counts.add(new Counts(tensor, scan.notANumber, scan.infinite));
    }
    return counts;
  }

  /**
   * Counts by bits: with the sign taken away, the infinite value is the largest pattern of a
   * number, and all patterns above it are NaN.
   */
  private void count(MemorySegment piece, StoredType type) {
    long size = piece.byteSize();
    switch (type.name()) {
      case "F64" -> {
        for (long at = 0; at < size; at += 8) {
          count(piece.get(LONG, at) & Long.MAX_VALUE, 0x7ff0L << 48);
        }
      }
      case "F32" -> {
        for (long at = 0; at < size; at += 4) {
          count(piece.get(INT, at) & 0x7fff_ffff, 0x7f80_0000);
        }
      }
      case "F16", "BF16" -> {
        int infinity = type.name().equals("F16") ? 0x7c00 : 0x7f80;
        for (long at = 0; at < size; at += 2) {
          count(piece.get(SHORT, at) & 0x7fff, infinity);
        }
      }
      case "C64" -> {
        for (long at = 0; at < size; at += 8) {
          int real = piece.get(INT, at) & 0x7fff_ffff;
          int imaginary = piece.get(INT, at + 4) & 0x7fff_ffff;
          count(Math.max(real, imaginary), 0x7f80_0000);
        }
      }
      case "F8_E5M2" -> {
        for (long at = 0; at < size; at++) {
          count(piece.get(ValueLayout.JAVA_BYTE, at) & 0x7f, 0x7c);
        }
      }
      // These have no infinities, and one pattern that is NaN.
      case "F8_E4M3" -> countNaN(piece, 0x7f, 0x7f);
      case "F8_E8M0" -> countNaN(piece, 0xff, 0xff);
      case "F8_E4M3FNUZ", "F8_E5M2FNUZ" -> countNaN(piece, 0xff, 0x80);
      default -> {
        // Integers are always numbers, and so are the types of four and six bits; what the values
        // of other types mean is not known.
      }
    }
  }

  private void countNaN(MemorySegment bytes, int mask, int pattern) {
    for (long at = 0; at < bytes.byteSize(); at++) {
      notANumber += (bytes.get(ValueLayout.JAVA_BYTE, at) & mask) == pattern ? 1 : 0;
    }
  }

  private void count(long magnitude, long infinity) {
    if (magnitude >= infinity) {
      if (magnitude == infinity) {
        infinite++;
      } else {
        notANumber++;
      }
    }
  }
}
