package dev.orrery.runtime.memory;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.HostBuffer;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * The whole state of a session between two chunks, as named tensors; numbers are tensors of one
 * element.
 *
 * <p>Everything that holds a part of the state names it once, in a method that takes a {@link
 * Visitor}; whether the state is looked at, copied or restored, it goes through the same method, so
 * none can forget what another knows:
 *
 * <pre>{@code
 * void visitState(SessionState.Visitor state) {
 *   chunk = (int) state.number("chunk", chunk, Integer.MAX_VALUE);
 *   state.tensor("keys", keys);
 * }
 * }</pre>
 *
 * <p>A state may come from a file that nobody checked. So a visitor requires that what is stored
 * has the dtype, the shape and the range of what is there; a part requires whatever else must hold,
 * by {@link Visitor#refusal}.
 */
public final class SessionState {
  private static final ValueLayout.OfLong LONG = ValueLayout.JAVA_LONG_UNALIGNED;
  private static final ValueLayout.OfDouble DOUBLE = ValueLayout.JAVA_DOUBLE_UNALIGNED;

  private final Map<String, Tensor> tensors;

  private SessionState(Map<String, Tensor> tensors) {
    this.tensors = tensors;
  }

  /** What holds a part of a session's state. */
  @FunctionalInterface
  public interface Part {
    /** Shows every tensor and number of this part, and takes what the visitor returns. */
    void visitState(Visitor state);
  }

  /** Which way a visitor goes. */
  private enum Way {
    LOOK,
    COPY,
    RESTORE
  }

  /** The state of a session as it lies there, valid until the session goes on or is closed. */
  public static SessionState of(Part session) {
    SessionState state = new SessionState(new LinkedHashMap<>());
    session.visitState(new Visitor(state, null, "", Way.LOOK, null));
    return state;
  }

  /** A state that was stored, in host memory. */
  public static SessionState stored(Map<String, Tensor> tensors) {
    return new SessionState(new LinkedHashMap<>(tensors));
  }

  /** A copy, in host memory, of the state of a session that runs on {@code backend}. */
  public static SessionState capture(Backend backend, Part session) {
    SessionState state = new SessionState(new LinkedHashMap<>());
    session.visitState(new Visitor(state, backend, "", Way.COPY, null));
    return state;
  }

  /**
   * Brings a session to this state. When it fails, the session is in no state to go on.
   *
   * @param session one of the same model on a backend with the same compute types
   * @throws IllegalArgumentException naming what differs, if it is of another model
   */
  public void restore(Backend backend, Part session) {
    Set<String> used = new HashSet<>();
    session.visitState(new Visitor(this, backend, "", Way.RESTORE, used));
    for (Map.Entry<String, Tensor> stored : tensors.entrySet()) {
      if (!used.contains(stored.getKey())) {
        throw new IllegalArgumentException(
            stored.getKey() + ": expected none, found " + stored.getValue());
      }
    }
  }

  /**
   * Copies a tensor of a state to the host, wherever it lies.
   *
   * @param backend where the session runs
   */
  public static void copyToHost(Backend backend, Tensor from, Tensor host) {
    if (from.buffer() instanceof RowHistory.Row row) {
      row.read(from.byteOffset(), host.segment());
    } else {
      copy(backend, from, host);
    }
  }

  /** Backends with a memory of their own copy nothing from the host to the host. */
  private static void copy(Backend backend, Tensor from, Tensor to) {
    if (from.buffer() instanceof HostBuffer && to.buffer() instanceof HostBuffer) {
      to.segment().copyFrom(from.segment());
    } else {
      backend.copy(from, to);
    }
  }

  /** All tensors by name, in the order in which they are shown. */
  public Map<String, Tensor> tensors() {
    return Collections.unmodifiableMap(tensors);
  }

  /** Walks through the parts of a session, one way or another. */
  public static final class Visitor {
    private final SessionState state;
    private final Backend backend;
    private final String path;
    private final Way way;

    /** Names that were restored; null on the other ways. */
    private final Set<String> used;

    private Visitor(SessionState state, Backend backend, String path, Way way, Set<String> used) {
      this.state = state;
      this.backend = backend;
      this.path = path;
      this.way = way;
      this.used = used;
    }

    /** Shows a part, whose names get {@code name} and a dot in front. */
    public void part(String name, Part part) {
      part.visitState(new Visitor(state, backend, path + name + ".", way, used));
    }

    /** Whether the parts are given what is stored, and not looked at. */
    public boolean restores() {
      return way == Way.RESTORE;
    }

    /**
     * What to throw when the stored state cannot be taken.
     *
     * @param problem what was expected and found
     */
    public IllegalArgumentException refusal(String name, String problem) {
      return new IllegalArgumentException(path + name + ": " + problem);
    }

    /**
     * A tensor, on the host or on the backend.
     *
     * @throws IllegalArgumentException when restoring, if the stored one has another dtype or shape
     */
    public void tensor(String name, Tensor tensor) {
      switch (way) {
        case LOOK -> put(name, tensor);
        case COPY -> {
          byte[] bytes = new byte[Math.toIntExact(tensor.byteSize())];
          Tensor host = Tensor.host(tensor.dtype(), tensor.shape(), MemorySegment.ofArray(bytes));
          copyToHost(backend, tensor, host);
          put(name, host);
        }
        case RESTORE -> copy(backend, stored(name, tensor.dtype(), tensor.shape()), tensor);
      }
    }

    /**
     * A tensor whose values are finite when they come from the host, as those of files do.
     *
     * @throws IllegalArgumentException as {@link #tensor(String, Tensor)}, or naming the first
     *     value that is not finite
     */
    public void finite(String name, Tensor tensor) {
      if (way == Way.RESTORE) {
        Tensor stored = stored(name, tensor.dtype(), tensor.shape());
        if (stored.buffer() instanceof HostBuffer) {
          FloatView values = FloatView.of(stored);
          for (long i = 0; i < stored.elements(); i++) {
            requireFinite(name, values.get(i), i);
          }
        }
      }
      tensor(name, tensor);
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
        Tensor stored = get(name);
        present = arena.empty(stored.dtype(), stored.shape().extents());
      }
      tensor(name, present);
      return present;
    }

    /**
     * Values on the heap that nobody changes any more, so that they are shared and not copied where
     * that is possible.
     *
     * @param values those that are there; null if there are none yet
     * @param count how many there are, or are to be
     * @return the stored ones when restoring, which are finite
     */
    public float[] floats(String name, float[] values, int count) {
      if (way != Way.RESTORE) {
        put(name, Tensor.of(values, count));
        return values;
      }
      Tensor stored = stored(name, DType.F32, Shape.of(count));
      boolean whole =
          stored.segment().heapBase().orElse(null) instanceof float[] array
              && array.length == count;
      float[] restored =
          whole ? (float[]) stored.segment().heapBase().orElseThrow() : stored.toFloats();
      requireFinite(name, restored);
      return restored;
    }

    /**
     * Requires finite values of a part that was restored.
     *
     * @throws IllegalArgumentException naming the first that is not
     */
    public void requireFinite(String name, float[] values) {
      for (int i = 0; i < values.length; i++) {
        requireFinite(name, values[i], i);
      }
    }

    private void requireFinite(String name, float value, long index) {
      if (!Float.isFinite(value)) {
        throw refusal(name, "expected finite values, found " + value + " at " + index);
      }
    }

    /**
     * A whole number from 0 on.
     *
     * @param most the largest that it can be
     * @return the stored one when restoring
     */
    public long number(String name, long value, long most) {
      if (way != Way.RESTORE) {
        put(name, Tensor.host(DType.I64, Shape.of(1), MemorySegment.ofArray(new long[] {value})));
        return value;
      }
      long stored = stored(name, DType.I64, Shape.of(1)).segment().get(LONG, 0);
      if (stored < 0 || stored > most) {
        throw refusal(name, "expected 0 to " + most + ", found " + stored);
      }
      return stored;
    }

    /**
     * Floating-point numbers, kept to the bit.
     *
     * @param values those that are there; any others when restoring
     * @param count how many there are, or are to be
     * @return the stored ones when restoring
     */
    public double[] doubles(String name, double[] values, int count) {
      if (way != Way.RESTORE) {
        put(name, Tensor.host(DType.F64, Shape.of(count), MemorySegment.ofArray(values)));
        return values;
      }
      return stored(name, DType.F64, Shape.of(count)).segment().toArray(DOUBLE);
    }

    private void put(String name, Tensor value) {
      if (state.tensors.putIfAbsent(path + name, value) != null) {
        throw new IllegalStateException("state: " + path + name + " is named twice");
      }
    }

    /** What is stored, of this type and shape. */
    Tensor stored(String name, DType dtype, Shape shape) {
      Tensor stored = get(name);
      if (stored.dtype() != dtype || !stored.shape().equals(shape)) {
        throw refusal(name, "expected " + dtype + shape + ", found " + stored);
      }
      return stored;
    }

    private Tensor get(String name) {
      Tensor stored = state.tensors.get(path + name);
      if (stored == null) {
        throw refusal(name, "expected, but missing");
      }
      used.add(path + name);
      return stored;
    }
  }
}
