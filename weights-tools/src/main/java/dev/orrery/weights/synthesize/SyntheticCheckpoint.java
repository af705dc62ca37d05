package dev.orrery.weights.synthesize;

import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.runtime.checkpoint.SafetensorsWriter;
import dev.orrery.runtime.checkpoint.TensorSpec;
import dev.orrery.runtime.random.GaussianNoise;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.LongConsumer;
import java.util.stream.IntStream;

/**
 * Writes checkpoints of random weights, for trying and measuring networks without their trained
 * weights. The values are scaled so that the numbers inside a network stay finite: normalization
 * weights near 1, biases and modulations small, everything else normal with deviation {@code 1 /
 * sqrt(fan-in)}.
 *
 * <p>A tensor depends on the seed, its name, dtype and shape only. Memory use does not depend on
 * the size of the file.
 */
public final class SyntheticCheckpoint {
  /** Deviation of biases and modulations, and of normalization weights around 1. */
  private static final double SMALL = 0.02;

  /** Elements drawn by one thread at a time, and elements written at a time. */
  private static final int STRIP = 1 << 14;

  private static final int PIECE = 64 * STRIP;

  private SyntheticCheckpoint() {}

  /**
   * Writes a checkpoint.
   *
   * @param target the safetensors file to write; replaced as a whole when done
   * @param specs its tensors, fp32, fp16 or bf16
   * @param seed the seed
   * @param metadata free-form entries of the header
   * @param progress gets the bytes written so far, every few MiB
   * @throws IllegalArgumentException if a dtype is none of these
   * @throws dev.orrery.runtime.checkpoint.CheckpointException if the file cannot be written
   */
  public static void write(
      Path target,
      List<TensorSpec> specs,
      long seed,
      Map<String, String> metadata,
      LongConsumer progress) {
    for (TensorSpec spec : specs) {
      if (!spec.dtype().isWeightType()) {
        throw new IllegalArgumentException(
            spec.name() + ": expected F32, F16 or BF16, found " + spec.dtype());
      }
    }
    try (Arena arena = Arena.ofShared();
        SafetensorsWriter writer = SafetensorsWriter.create(target, specs, metadata)) {
      MemorySegment piece = arena.allocate(PIECE * 4L, 64);
      long written = 0;
      for (TensorSpec spec : specs) {
        for (long first = 0; first < spec.shape().elements(); first += PIECE) {
          int count = (int) Math.min(PIECE, spec.shape().elements() - first);
          Tensor part = Tensor.host(spec.dtype(), Shape.of(count), piece);
          fill(spec, seed, first, part);
          writer.append(spec.name(), part.segment());
          written += part.byteSize();
          progress.accept(written);
        }
      }
      writer.finish();
    }
  }

  /** Fills elements {@code first} and following of a tensor, strips in parallel. */
  private static void fill(TensorSpec spec, long seed, long first, Tensor part) {
    FloatView elements = FloatView.of(part);
    Distribution distribution = Distribution.of(spec);
    long stream = stream(spec.name());
    int count = part.size(0);
    IntStream.range(0, (count + STRIP - 1) / STRIP)
        .parallel()
        .forEach(
            strip -> {
              int from = strip * STRIP;
              float[] noise = new float[Math.min(STRIP, count - from)];
              GaussianNoise.fill(seed, stream, first + from, noise);
              for (int i = 0; i < noise.length; i++) {
                elements.set(from + i, distribution.mean() + distribution.deviation() * noise[i]);
              }
            });
  }

  /** A stream of noise for each name: its FNV-1a hash of 64 bits. */
  private static long stream(String name) {
    long hash = 0xcbf29ce484222325L;
    for (byte b : name.getBytes(StandardCharsets.UTF_8)) {
      hash = (hash ^ (b & 0xff)) * 0x100000001b3L;
    }
    return hash;
  }

  private record Distribution(double mean, double deviation) {
    static Distribution of(TensorSpec spec) {
      String name = spec.name();
      String last = name.substring(name.lastIndexOf('.') + 1);
      Shape shape = spec.shape();
      boolean isNorm =
          last.equals("gamma")
              || last.equals("scale")
              || last.equals("weight") && name.matches("(.*[._])?norm[^.]*\\.weight");
      if (isNorm || last.equals("weight") && shape.rank() <= 1) {
        return new Distribution(1, SMALL);
      }
      if (shape.rank() <= 1 || last.endsWith("bias") || last.equals("modulation")) {
        return new Distribution(0, SMALL);
      }
      return new Distribution(0, 1 / Math.sqrt(Math.max(1, fanIn(name, shape))));
    }

    /** How many products a value of the output sums. */
    private static double fanIn(String name, Shape shape) {
      if (name.endsWith(".kernel")) {
        // Flax has [in, out...], and the heads that an attention's output joins as [in..., out].
        return name.endsWith(".out.kernel")
            ? (double) shape.elements() / Math.max(1, shape.extent(shape.rank() - 1))
            : shape.extent(0);
      }
      // Others have [out, in...], so that all axes but the first are summed over.
      return (double) shape.elements() / Math.max(1, shape.extent(0));
    }
  }
}
