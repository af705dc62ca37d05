package dev.orrery.benchmarks;

import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.runtime.checkpoint.JsonValue;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;

/** What {@code verify.sh} measured on an H200, if it ran on one and its results are stored. */
final class MeasuredTimes {
  private final List<JsonValue> results;

  /**
   * @param root of the checkout
   */
  MeasuredTimes(Path root) {
    results =
        GpuPage.files(root.resolve(GpuPage.RESULTS), GpuPage.FILE).stream()
            .map(JsonValue::read)
            .filter(stored -> stored.string("gpu").contains(Roofline.H200.device()))
            .toList();
  }

  /** Whether there is anything. */
  boolean exist() {
    return !results.isEmpty();
  }

  /** Frames a second of Matrix-Game 2.0 in 16 bits. */
  OptionalDouble framesPerSecond() {
    return results.stream()
        .filter(stored -> stored.has("model"))
        .mapToDouble(stored -> stored.get("model").number("framesPerSecond"))
        .findFirst();
  }

  /** Seconds of a launch: as it was planned, or of one of its shape. */
  OptionalDouble seconds(PlannedLaunch launch) {
    OptionalDouble planned =
        results.stream()
            .filter(stored -> stored.has("launches"))
            .flatMap(stored -> stored.get("launches").asList().stream())
            .flatMap(chunk -> chunk.get("launches").asList().stream())
            .filter(row -> row.string("launch").equals(launch.name()))
            .mapToDouble(row -> 1e-6 * row.number("microseconds"))
            .findFirst();
    return planned.isPresent() ? planned : ofShape(launch);
  }

  private OptionalDouble ofShape(PlannedLaunch launch) {
    return results.stream()
        .filter(stored -> stored.has("bench"))
        .flatMap(stored -> stored.get("bench").get("kernels").asList().stream())
        .filter(row -> isOf(row, launch))
        .mapToDouble(row -> 1e-6 * row.number("microseconds"))
        .findFirst();
  }

  /**
   * Whether a measured call had the type of a launch's input or output, and its shape, however that
   * is written.
   */
  private static boolean isOf(JsonValue row, PlannedLaunch launch) {
    List<Tensor> tensors = launch.tensors();
    String dtype = row.string("dtype");
    boolean isOfType =
        tensors.getFirst().dtype().toString().equals(dtype)
            || tensors.getLast().dtype().toString().equals(dtype);
    if (!isOfType || !row.string("kernel").equals(launch.contract().getSimpleName())) {
      return false;
    }
    String shape = row.string("shape");
    if (shape.equals(CudaCost.shape(launch))) {
      return true;
    }
    if (launch.operations() > 0) {
      return false;
    }
    String size = shape.substring(shape.indexOf("= ") + 2).split(",")[0];
    long[] extents = Arrays.stream(size.split(" x ")).mapToLong(Long::parseLong).toArray();
    return tensors.stream().anyMatch(tensor -> isAs(tensor, extents));
  }

  /** Rows of the same length and as many values, cut into axes in whatever way. */
  private static boolean isAs(Tensor tensor, long[] extents) {
    return tensor.shape().rank() > 0
        && tensor.shape().extent(-1) == extents[extents.length - 1]
        && tensor.elements() == Arrays.stream(extents).reduce(1, (one, other) -> one * other);
  }
}
