package dev.orrery.model.text;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.elementwise.Convert;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.SafetensorsFile;
import dev.orrery.runtime.checkpoint.SafetensorsWriter;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What text encoders made of a prompt: named tensors. It can be kept in a safetensors file, so that
 * a world can be played without the encoders.
 *
 * @param prompt the prompt as the user wrote it
 * @param encoder digest of the encoders, see {@link EncoderDigest}
 * @param warning what the user should know about the prompt, such as that it was too long
 * @param tensors by name, each {@code [L, dim]} on the host, a row for each token, fp32, fp16 or
 *     bf16
 */
public record EncodedPrompt(
    String prompt, String encoder, Optional<String> warning, Map<String, Tensor> tensors) {
  private static final String FORMAT = "orrery.encoded_prompt.1";

  /** Far more than any model has; keeps a file from filling the heap with small tensors. */
  private static final int MAX_TENSORS = 16;

  public EncodedPrompt {
    tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
  }

  /**
   * A tensor on the host.
   *
   * @throws IllegalArgumentException if there is none of this name
   */
  public Tensor tensor(String name) {
    Tensor tensor = tensors.get(name);
    if (tensor == null) {
      throw new IllegalArgumentException(
          "prompt: expected " + name + ", found " + tensors.keySet());
    }
    return tensor;
  }

  /**
   * A tensor as networks take it: brought to a backend, in its dtype for transformers, with rows of
   * zeros behind it.
   *
   * @param tokens rows of the result, at least those of the tensor
   * @return {@code [tokens, dim]}
   */
  public Tensor padded(String name, Backend backend, TensorArena arena, int tokens) {
    Tensor features = tensor(name);
    int rows = features.size(0);
    if (rows > tokens) {
      throw new IllegalArgumentException(
          "prompt: expected at most " + tokens + " encoded tokens, found " + rows);
    }
    DType dtype = backend.computeTypes().transformer();
    Tensor out = arena.empty(dtype, tokens, features.size(1));
    Shape shape = Shape.of(tokens, features.size(1));
    byte[] bytes = new byte[Math.toIntExact(shape.elements() * features.dtype().byteSize())];
    MemorySegment.copy(features.segment(), 0, MemorySegment.ofArray(bytes), 0, features.byteSize());
    Tensor host = Tensor.host(features.dtype(), shape, MemorySegment.ofArray(bytes));
    if (features.dtype() == dtype) {
      backend.copy(host, out);
      return out;
    }
    try (TensorArena passing = backend.newArena()) {
      Tensor moved = passing.empty(host.dtype(), shape.extents());
      backend.copy(host, moved);
      backend.kernel(Convert.class).run(moved, out);
      backend.synchronize();
    }
    return out;
  }

  /**
   * Writes the encoded prompt. The file is complete or not there.
   *
   * @throws CheckpointException if it cannot be written
   */
  public void save(Path file) {
    Map<String, String> metadata = new LinkedHashMap<>();
    metadata.put("format", FORMAT);
    metadata.put("prompt", prompt);
    metadata.put("encoder", encoder);
    warning.ifPresent(text -> metadata.put("warning", text));
    SafetensorsWriter.write(file, tensors, metadata);
  }

  /**
   * Reads what {@link #save} wrote.
   *
   * @throws CheckpointException if the file cannot be read or is not an encoded prompt
   */
  public static EncodedPrompt load(Path file) {
    try (SafetensorsFile stored = SafetensorsFile.open(file)) {
      Map<String, String> metadata = stored.metadata();
      String format = metadata.get("format");
      if (!FORMAT.equals(format)) {
        throw new CheckpointException(
            file.toString(),
            "expected an encoded prompt, format " + FORMAT + ", found format " + format);
      }
      int count = stored.tensors().size();
      if (count < 1 || count > MAX_TENSORS) {
        throw new CheckpointException(
            file.toString(), "expected 1 to " + MAX_TENSORS + " tensors, found " + count);
      }
      Map<String, Tensor> tensors = new LinkedHashMap<>();
      for (String name : stored.tensors().keySet()) {
        tensors.put(name, checkedCopy(file, name, stored.tensor(name)));
      }
      return new EncodedPrompt(
          required(file, metadata, "prompt"),
          required(file, metadata, "encoder"),
          Optional.ofNullable(metadata.get("warning")),
          tensors);
    }
  }

  /** A copy, because the file is closed. */
  private static Tensor checkedCopy(Path file, String name, Tensor mapped) {
    if (mapped.shape().rank() != 2 || mapped.elements() == 0 || !mapped.dtype().isWeightType()) {
      throw new CheckpointException(
          file.toString(),
          name + ": expected F32, F16 or BF16 [tokens, channels], found " + mapped);
    }
    byte[] bytes = mapped.segment().toArray(ValueLayout.JAVA_BYTE);
    Tensor copy = Tensor.host(mapped.dtype(), mapped.shape(), MemorySegment.ofArray(bytes));
    FloatView values = FloatView.of(copy);
    for (long i = 0; i < copy.elements(); i++) {
      if (!Float.isFinite(values.get(i))) {
        throw new CheckpointException(
            file.toString(),
            name + ": expected finite values, found " + values.get(i) + " at " + i);
      }
    }
    return copy;
  }

  /**
   * Requires that an encoder made these features.
   *
   * @param file where they were read from
   * @param digest of the encoder
   * @throws CheckpointException if another one did
   */
  public void requireEncoder(Path file, String digest) {
    if (!encoder.equals(digest)) {
      throw new CheckpointException(
          file.toString(), "expected a prompt encoded by " + digest + ", found one by " + encoder);
    }
  }

  private static String required(Path file, Map<String, String> metadata, String key) {
    String value = metadata.get(key);
    if (value == null) {
      throw new CheckpointException(file.toString(), "metadata: expected " + key + ", found none");
    }
    return value;
  }
}
