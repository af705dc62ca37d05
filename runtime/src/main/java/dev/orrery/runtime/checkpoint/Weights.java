package dev.orrery.runtime.checkpoint;

import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.linear.quantized.GroupedInt4;
import dev.orrery.kernels.linear.quantized.ScaledRows;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.HostBuffer;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A cursor over the names of a checkpoint. A network takes its tensors through it, naming the shape
 * it needs; what does not fit is refused with file, full name, expected and found. After the whole
 * network is built, {@link #finish} makes sure that no tensor was left over.
 *
 * <pre>{@code
 * Weights weights = Weights.of(checkpoint).strip("model");
 * Tensor weight = weights.at("blocks.0").at("ffn.0").get("weight", 8960, 1536);
 * weights.finish();
 * }</pre>
 *
 * <p>Tensors keep the element type they have on disk. Cursors of one origin share one list of what
 * was read. Several threads may read, once all has been declared that need not be.
 */
public final class Weights {
  private static final int MAX_LISTED = 10;

  /** What all cursors of one origin share. */
  private static final class Ledger {
    final Map<String, TensorSource> sourceOf = new TreeMap<>();
    final NavigableSet<String> names = new TreeSet<>();
    final Set<String> read = ConcurrentHashMap.newKeySet();
    final Map<String, String> ignored = new TreeMap<>();
    final List<TensorSource> sources;

    Ledger(List<TensorSource> sources) {
      this.sources = sources;
      for (TensorSource source : sources) {
        for (String name : source.names()) {
          TensorSource other = sourceOf.put(name, source);
          if (other != null) {
            throw new CheckpointException(
                source.location(name),
                "tensor " + name + ": expected in one file, found also in " + other.location(name));
          }
        }
      }
      names.addAll(sourceOf.keySet());
    }

    /** The source to ask for a name; a name that is nowhere is asked of the last one. */
    TensorSource source(String name) {
      return sourceOf.getOrDefault(name, sources.getLast());
    }

    /** Whether a tensor has this name or lies below it. */
    boolean has(String path) {
      if (names.contains(path)) {
        return true;
      }
      String next = names.ceiling(path + ".");
      return next != null && next.startsWith(path + ".");
    }

    boolean isIgnored(String name) {
      return ignored.keySet().stream()
          .anyMatch(path -> name.equals(path) || name.startsWith(path + "."));
    }
  }

  private final Ledger ledger;
  private final String path;

  private Weights(Ledger ledger, String path) {
    this.ledger = ledger;
    this.path = path;
  }

  /**
   * A cursor at the root of one or several sources, which become one name space.
   *
   * @throws CheckpointException if two of them have a tensor of the same name
   */
  public static Weights of(TensorSource... sources) {
    if (sources.length == 0) {
      throw new IllegalArgumentException("sources: expected one or more, found none");
    }
    return new Weights(new Ledger(List.of(sources)), "");
  }

  /** A cursor one or more steps below this one, such as {@code at("blocks.0")}. */
  public Weights at(String step) {
    return new Weights(ledger, full(step));
  }

  /**
   * A cursor below {@code step} if all names here start with it, or this cursor if none does: for
   * checkpoints that may have been saved with or without the name of an enclosing module.
   *
   * @throws CheckpointException if only some of the names have it
   */
  public Weights strip(String step) {
    String start = full(step) + ".";
    String prefix = path.isEmpty() ? "" : path + ".";
    List<String> here = ledger.names.stream().filter(name -> name.startsWith(prefix)).toList();
    List<String> without = here.stream().filter(name -> !name.startsWith(start)).toList();
    if (without.size() == here.size()) {
      return this;
    }
    if (!without.isEmpty()) {
      String name = without.getFirst();
      throw new CheckpointException(
          ledger.source(name).location(name),
          "tensor "
              + name
              + ": expected a name that starts with "
              + start
              + ", as other tensors have");
    }
    return at(step);
  }

  /** Where this cursor stands, such as {@code blocks.0.ffn}; empty at the root. */
  public String path() {
    return path;
  }

  /**
   * Whether there is a tensor of this name, or any tensor below it. Does not count as reading it.
   */
  public boolean has(String name) {
    return ledger.has(full(name));
  }

  /**
   * Reads a tensor.
   *
   * @param name its name below this cursor
   * @param shape the extents it must have
   * @return the tensor, fp32, fp16 or bf16 as on disk
   * @throws CheckpointException if it is missing, or has another shape or an element type that is
   *     none of these
   */
  public Tensor get(String name, long... shape) {
    String full = full(name);
    Tensor tensor = find(full, Shape.of(shape));
    if (!tensor.dtype().isWeightType()) {
      throw refused(full, "expected F32, F16 or BF16, found " + tensor.dtype());
    }
    return tensor;
  }

  /**
   * Reads the weight of a linear layer, which may be quantised: see {@link Quantization} for the
   * names of its tensors. Scales that are in memory are looked at.
   *
   * @param name its name below this cursor
   * @throws CheckpointException if it or its scales are missing, or have another shape or element
   *     type, or a scale is negative or not finite
   */
  public StoredMatrix matrix(String name, int rows, int columns) {
    String full = full(name);
    Shape shape = Shape.of(rows, columns);
    Optional<Tensor> stored = ledger.source(full).find(full, shape);
    DType dtype = stored.map(Tensor::dtype).orElse(DType.F32);
    return switch (dtype) {
      case I8, F8_E4M3 -> {
        Tensor values = find(full, shape);
        yield new StoredMatrix.Rows(new ScaledRows(values, scales(full, Shape.of(rows))));
      }
      case U8 -> groups(full, rows, columns);
      default -> new StoredMatrix.Plain(get(name, rows, columns));
    };
  }

  private StoredMatrix groups(String full, int rows, int columns) {
    if (columns % GroupedInt4.GROUP_UNIT != 0) {
      throw refused(
          full,
          "expected F32, F16 or BF16 because "
              + columns
              + " columns are no multiple of "
              + GroupedInt4.GROUP_UNIT
              + ", found U8");
    }
    Tensor packed = find(full, Shape.of(rows, columns / 2));
    String name = full + Quantization.SCALE_SUFFIX;
    Shape finest = Shape.of(rows, columns / GroupedInt4.GROUP_UNIT);
    Shape found = ledger.source(name).find(name, finest).map(Tensor::shape).orElse(finest);
    boolean fits =
        found.rank() == 2
            && found.extent(0) == rows
            && found.extent(1) > 0
            && finest.extent(1) % found.extent(1) == 0;
    if (!fits) {
      throw refused(
          name,
          "expected shape ["
              + rows
              + ", "
              + columns
              + " / group], a group being a multiple of "
              + GroupedInt4.GROUP_UNIT
              + ", found "
              + found);
    }
    return new StoredMatrix.Groups(new GroupedInt4(packed, scales(full, found)));
  }

  /** The scales of a quantised matrix. */
  private Tensor scales(String matrix, Shape shape) {
    String full = matrix + Quantization.SCALE_SUFFIX;
    Tensor scales = find(full, shape);
    if (scales.dtype() != DType.F32) {
      throw refused(full, "expected F32, found " + scales.dtype());
    }
    if (scales.buffer() instanceof HostBuffer) {
      FloatView values = FloatView.of(scales);
      for (long i = 0; i < scales.elements(); i++) {
        float scale = values.get(i);
        if (!(scale >= 0 && scale < Float.POSITIVE_INFINITY)) {
          throw refused(full, "expected finite scales, 0 or more, found " + scale + " at " + i);
        }
      }
    }
    return scales;
  }

  /** Finds a tensor of a shape, of any dtype, and counts it as read. */
  private Tensor find(String full, Shape expected) {
    Tensor tensor =
        ledger
            .source(full)
            .find(full, expected)
            .orElseThrow(() -> refused(full, "expected shape " + expected + ", but missing"));
    if (!tensor.shape().equals(expected)) {
      throw refused(full, "expected shape " + expected + ", found " + tensor.shape());
    }
    ledger.read.add(full);
    return tensor;
  }

  /**
   * Declares that a tensor, or all tensors below a name, need not be read.
   *
   * @param reason why the network does without them; shown by {@link #ignored}
   */
  public void ignore(String name, String reason) {
    ledger.ignored.put(full(name), reason);
  }

  /** The names declared by {@link #ignore}, with their reasons. */
  public Map<String, String> ignored() {
    return Map.copyOf(ledger.ignored);
  }

  /** The tensors that were neither read nor ignored, by any cursor of this origin. */
  public List<String> unread() {
    return ledger.names.stream()
        .filter(name -> !ledger.read.contains(name) && !ledger.isIgnored(name))
        .toList();
  }

  /**
   * Ends the reading, for all cursors of this origin.
   *
   * @throws CheckpointException if a tensor was neither read nor ignored: the checkpoint is of
   *     another network
   */
  public void finish() {
    List<String> unread = unread();
    if (unread.isEmpty()) {
      return;
    }
    String listed = String.join(", ", unread.subList(0, Math.min(MAX_LISTED, unread.size())));
    String more =
        unread.size() > MAX_LISTED ? " and " + (unread.size() - MAX_LISTED) + " more" : "";
    String first = unread.getFirst();
    throw new CheckpointException(
        ledger.source(first).location(first),
        "expected no tensors beyond those of the network, found "
            + unread.size()
            + " surplus: "
            + listed
            + more);
  }

  private CheckpointException refused(String name, String problem) {
    return new CheckpointException(
        ledger.source(name).location(name), "tensor " + name + ": " + problem);
  }

  private String full(String name) {
    return path.isEmpty() ? name : path + "." + name;
  }
}
