package dev.orrery.weights.quantize;

import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.Families;
import dev.orrery.model.family.ModelFamily;
import dev.orrery.model.session.Progress;
import dev.orrery.runtime.checkpoint.Checkpoint;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.Quantization;
import dev.orrery.runtime.checkpoint.SafetensorsFile;
import dev.orrery.runtime.checkpoint.SafetensorsWriter;
import dev.orrery.runtime.checkpoint.TensorSpec;
import dev.orrery.runtime.quantize.QuantizedMatrix;
import dev.orrery.runtime.quantize.ScaleChoice;
import java.lang.foreign.MemorySegment;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/**
 * Writes a transformer's checkpoint with fewer bits: the matrices that a {@link ModelFamily} allows
 * are quantised one at a time, everything else is copied.
 *
 * @param families whose transformers may be quantised
 * @param form how matrices are stored; those that do not fit it stay as they are
 * @param choice how scales are found
 * @param keep globs of tensors that stay as they are
 */
public record CheckpointQuantization(
    Families families, Quantization form, ScaleChoice choice, List<String> keep) {
  /** Copies the list. */
  public CheckpointQuantization {
    keep = List.copyOf(keep);
  }

  /**
   * Writes the checkpoint.
   *
   * @param input a safetensors file, or an index with its shards
   * @param output the safetensors file to write; replaced as a whole when done
   * @param progress receives progress in MiB of the input; an exception that it throws ends the
   *     work
   * @return what was quantised, in the order of the data
   * @throws CheckpointException if a file is not valid or cannot be written, if nothing can be
   *     quantised, if a value is not finite, or if a glob fits no tensor
   */
  public List<QuantizedTensor> write(Path input, Path output, Progress progress) {
    try (Checkpoint checkpoint = Checkpoint.open(input)) {
      Map<String, TensorSpec> tensors = new LinkedHashMap<>();
      for (String name : checkpoint.names()) {
        tensors.put(name, checkpoint.info(name).orElseThrow().spec());
      }
      Set<String> chosen = choose(input, tensors);
      List<TensorSpec> specs = new ArrayList<>();
      tensors.forEach(
          (name, spec) -> specs.addAll(chosen.contains(name) ? form.stored(spec) : List.of(spec)));
      try (SafetensorsWriter writer =
          SafetensorsWriter.create(output, specs, metadata(checkpoint))) {
        List<QuantizedTensor> quantised = write(checkpoint, tensors, chosen, writer, progress);
        writer.finish();
        return quantised;
      }
    }
  }

  private List<QuantizedTensor> write(
      Checkpoint checkpoint,
      Map<String, TensorSpec> tensors,
      Set<String> chosen,
      SafetensorsWriter writer,
      Progress progress) {
    List<QuantizedTensor> quantised = new ArrayList<>();
    int total = (int) Math.max(1, checkpoint.byteSize() >> 20);
    long done = 0;
    for (TensorSpec spec : tensors.values()) {
      String name = spec.name();
      MemorySegment bytes = checkpoint.bytes(name);
      if (chosen.contains(name)) {
        Tensor tensor = Tensor.host(spec.dtype(), spec.shape(), bytes);
        QuantizedMatrix matrix = quantise(checkpoint, name, tensor);
        writer.write(name, matrix.values());
        writer.write(name + Quantization.SCALE_SUFFIX, matrix.scales());
        long stored = matrix.values().byteSize() + matrix.scales().byteSize();
        quantised.add(new QuantizedTensor(spec, stored, matrix.error()));
      } else {
        writer.append(name, bytes);
      }
      // Or the mapped pages would count as memory of this process until others need the room.
      bytes.unload();
      done += bytes.byteSize();
      progress.report("quantising, MiB", (int) Math.min(total, done >> 20), total);
    }
    return quantised;
  }

  private QuantizedMatrix quantise(Checkpoint checkpoint, String name, Tensor tensor) {
    try {
      return QuantizedMatrix.of(tensor, form, choice);
    } catch (IllegalArgumentException e) {
      throw new CheckpointException(
          checkpoint.location(name), "tensor " + name + ": " + e.getMessage(), e);
    }
  }

  /** The names of the matrices to quantise. */
  private Set<String> choose(Path input, Map<String, TensorSpec> tensors) {
    ModelFamily family =
        families.list().stream()
            .filter(known -> tensors.keySet().stream().anyMatch(known::isQuantizable))
            .findFirst()
            .orElseThrow(
                () ->
                    new CheckpointException(
                        input.toString(),
                        "expected the transformer of a model, found no layer that may be quantised"));
    List<Glob> globs = keep.stream().map(Glob::of).toList();
    for (Glob glob : globs) {
      if (tensors.keySet().stream().noneMatch(glob::matches)) {
        throw new CheckpointException(
            input.toString(), "expected tensors to keep that fit " + glob.text() + ", found none");
      }
    }
    Set<String> chosen = new LinkedHashSet<>();
    tensors.forEach(
        (name, tensor) -> {
          boolean kept = globs.stream().anyMatch(glob -> glob.matches(name));
          if (family.isQuantizable(name)
              && !kept
              && tensor.type().dtype().filter(DType::isWeightType).isPresent()
              && form.fits(tensor.shape())) {
            chosen.add(name);
          }
        });
    if (chosen.isEmpty()) {
      throw new CheckpointException(
          input.toString(),
          "expected matrices of F32, F16 or BF16"
              + (form.group() == 0 ? "" : " with a multiple of " + form.group() + " columns")
              + " to quantise, found none");
    }
    return chosen;
  }

  private Map<String, String> metadata(Checkpoint checkpoint) {
    Map<String, String> metadata = new TreeMap<>();
    for (SafetensorsFile file : checkpoint.files()) {
      metadata.putAll(file.metadata());
    }
    metadata.put("quantization", describe());
    return metadata;
  }

  /** The settings in a few words, such as {@code int4, groups of 64, MSE-optimal scales}. */
  public String describe() {
    String format = form.format().name().toLowerCase(Locale.ROOT);
    return form.group() == 0
        ? format
        : String.format(
            Locale.ROOT,
            "%s, groups of %d, %s scales",
            format,
            form.group(),
            choice == ScaleChoice.MSE ? "MSE-optimal" : "abs-max");
  }
}
