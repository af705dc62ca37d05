package dev.orrery.runtime.trace;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;

/** Keeps host copies of activations, in the order in which they were computed. */
public final class ActivationTrace implements Trace {
  private final Backend backend;
  private final Predicate<String> names;
  private final Map<String, float[]> values = new LinkedHashMap<>();

  /**
   * The first activation that differs.
   *
   * @param name name of the activation
   * @param largestError largest absolute difference, infinite when the sizes differ or a value is
   *     missing
   */
  public record Difference(String name, double largestError) {}

  /** A trace of a model that runs on {@code backend}. */
  public ActivationTrace(Backend backend) {
    this(backend, name -> true);
  }

  /** A trace of some activations alone, because those of a large model are many gigabytes. */
  public ActivationTrace(Backend backend, Predicate<String> names) {
    this.backend = backend;
    this.names = names;
  }

  @Override
  public void tap(String name, Tensor value) {
    if (!names.test(name)) {
      return;
    }
    float[] copy = new float[Math.toIntExact(value.elements())];
    byte[] bytes = new byte[Math.toIntExact(value.byteSize())];
    Tensor host = Tensor.host(value.dtype(), value.shape(), MemorySegment.ofArray(bytes));
    backend.copy(value, host);
    FloatView.of(host).copy(0, copy, 0, copy.length);
    values.put(name, copy);
  }

  /**
   * The recorded fp32 values by name, in the order of computation. A name tapped twice keeps its
   * last value.
   */
  public Map<String, float[]> values() {
    return Collections.unmodifiableMap(values);
  }

  /**
   * The first recorded activation that is further than {@code tolerance} from the expected one.
   * Activations that {@code expected} does not name are passed over.
   */
  public Optional<Difference> firstDifference(Map<String, float[]> expected, double tolerance) {
    for (Map.Entry<String, float[]> entry : values.entrySet()) {
      float[] want = expected.get(entry.getKey());
      double error = want == null ? 0 : largestError(want, entry.getValue());
      if (!(error <= tolerance)) {
        return Optional.of(new Difference(entry.getKey(), error));
      }
    }
    return Optional.empty();
  }

  private static double largestError(float[] expected, float[] actual) {
    if (expected.length != actual.length) {
      return Double.POSITIVE_INFINITY;
    }
    double largest = 0;
    for (int i = 0; i < expected.length; i++) {
      double error = Math.abs((double) expected[i] - actual[i]);
      largest = Double.isNaN(error) ? Double.POSITIVE_INFINITY : Math.max(largest, error);
    }
    return largest;
  }
}
