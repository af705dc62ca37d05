package dev.orrery.runtime.memory;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.HostBuffer;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The whole state of a session between two chunks: named tensors in host memory, and named numbers.
 *
 * <p>Everything that holds a part of the state names it once, in a method that takes a {@link
 * Visitor}; capturing and restoring go through the same method, so neither can forget what the
 * other knows:
 *
 * <pre>{@code
 * void visitState(SessionState.Visitor state) {
 *   chunk = (int) state.number("chunk", chunk);
 *   state.tensor("keys", keys);
 * }
 * }</pre>
 */
public final class SessionState {
  private final Map<String, Tensor> tensors = new LinkedHashMap<>();
  private final Map<String, long[]> numbers = new LinkedHashMap<>();

  private SessionState() {}

  /** What holds a part of a session's state. */
  @FunctionalInterface
  public interface Part {
    /** Shows every tensor and number of this part, and takes what the visitor returns. */
    void visitState(Visitor state);
  }

  /** Copies the state of a session that runs on {@code backend}. */
  public static SessionState capture(Backend backend, Part session) {
    SessionState state = new SessionState();
    session.visitState(new Visitor(state, backend, "", false));
    return state;
  }

  /**
   * Brings a session to this state. When it fails, the session is in no state to go on.
   *
   * @param session one of the same model on a backend with the same compute types
   * @throws IllegalArgumentException naming what differs, if it is of another model
   */
  public void restore(Backend backend, Part session) {
    session.visitState(new Visitor(this, backend, "", true));
  }

  /** All tensors by name, in host memory. */
  public Map<String, Tensor> tensors() {
    return Collections.unmodifiableMap(tensors);
  }

  /**
   * Names of all numbers with their values; doubles are there as {@link
   * Double#doubleToRawLongBits}.
   */
  public Map<String, long[]> numbers() {
    return Collections.unmodifiableMap(numbers);
  }

  /** Walks through the parts of a session, either way. */
  public static final class Visitor {
    private final SessionState state;
    private final Backend backend;
    private final String path;
    private final boolean restoring;

    private Visitor(SessionState state, Backend backend, String path, boolean restoring) {
      this.state = state;
      this.backend = backend;
      this.path = path;
      this.restoring = restoring;
    }

    /** Shows a part, whose names get {@code name} and a dot in front. */
    public void part(String name, Part part) {
      part.visitState(new Visitor(state, backend, path + name + ".", restoring));
    }

    /**
     * A tensor, on the host or on the backend.
     *
     * @throws IllegalArgumentException when restoring, if the stored one has another dtype or shape
     */
    public void tensor(String name, Tensor tensor) {
      if (!restoring) {
        byte[] copy = new byte[Math.toIntExact(tensor.byteSize())];
        Tensor host = Tensor.host(tensor.dtype(), tensor.shape(), MemorySegment.ofArray(copy));
        copy(tensor, host);
        put(state.tensors, name, host);
        return;
      }
      Tensor stored = get(state.tensors, name);
      if (stored.dtype() != tensor.dtype() || !stored.shape().equals(tensor.shape())) {
        throw new IllegalArgumentException(
            "state: " + path + name + ": expected " + tensor + ", found " + stored);
      }
      copy(stored, tensor);
    }

    /**
     * A tensor that a session makes when it is first needed.
     *
     * @param tensor null if it was not made yet
     * @param arena owner of the tensor that is made when there is none to restore into
     */
    public Tensor tensor(String name, Tensor tensor, TensorArena arena) {
      Tensor present = tensor;
      if (present == null) {
        Tensor stored = get(state.tensors, name);
        present = arena.empty(stored.dtype(), stored.shape().extents());
      }
      tensor(name, present);
      return present;
    }

    /** Values on the heap: the stored ones when restoring, which may be another number of them. */
    public float[] floats(String name, float[] values) {
      if (restoring) {
        return get(state.tensors, name).toFloats();
      }
      put(state.tensors, name, Tensor.of(values.clone(), values.length));
      return values;
    }

    /** A whole number: the stored one when restoring. */
    public long number(String name, long value) {
      return numbers(name, value)[0];
    }

    /** Floating-point numbers, kept to the bit: the stored ones when restoring. */
    public double[] doubles(String name, double... values) {
      long[] bits = Arrays.stream(values).mapToLong(Double::doubleToRawLongBits).toArray();
      return Arrays.stream(numbers(name, bits)).mapToDouble(Double::longBitsToDouble).toArray();
    }

    private long[] numbers(String name, long... values) {
      if (restoring) {
        return get(state.numbers, name);
      }
      put(state.numbers, name, values);
      return values;
    }

    private void copy(Tensor from, Tensor to) {
      if (from.buffer() instanceof HostBuffer && to.buffer() instanceof HostBuffer) {
        to.segment().copyFrom(from.segment());
      } else {
        backend.copy(from, to);
      }
    }

    private <T> void put(Map<String, T> map, String name, T value) {
      if (map.putIfAbsent(path + name, value) != null) {
        throw new IllegalStateException("state: " + path + name + " is named twice");
      }
    }

    private <T> T get(Map<String, T> map, String name) {
      T stored = map.get(path + name);
      if (stored == null) {
        throw new IllegalArgumentException("state: expected " + path + name + ", found none");
      }
      return stored;
    }
  }
}
