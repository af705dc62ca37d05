package dev.orrery.model.golden;

import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.runtime.checkpoint.TensorSource;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntUnaryOperator;

/**
 * Weights whose rows or columns are in another order, so that a network that is right computes what
 * a wrong one would of the right weights.
 *
 * @param change applied to the tensors that are asked for
 */
public record SpoiltWeights(TensorSource source, Change change) implements TensorSource {
  /** What becomes of a tensor. */
  @FunctionalInterface
  public interface Change {
    /** No change at all. */
    Change NONE = (name, tensor) -> tensor;

    /** The tensor itself or another one of its shape. */
    Tensor of(String name, Tensor tensor);

    /**
     * Tensors of some names with their rows, the first axis, in another order.
     *
     * @param names a regular expression
     * @param from which row goes to a row, of how many
     */
    static Change ofRows(String names, Order from) {
      return (name, tensor) -> name.matches(names) ? rows(tensor, from) : tensor;
    }

    /** The same of columns, the last axis. */
    static Change ofColumns(String names, Order from) {
      return (name, tensor) -> name.matches(names) ? columns(tensor, from) : tensor;
    }
  }

  /** An order of rows or columns. */
  @FunctionalInterface
  public interface Order {
    /** The one that takes the place {@code index}. */
    int from(int index, int count);

    /** The two halves of each group of so many are exchanged. */
    static Order halvesOf(int group) {
      return (index, count) -> index + (index % group < group / 2 ? group / 2 : -group / 2);
    }

    /**
     * What is stored {@code [Y * X * C]} is handed over as if it were {@code [C * Y * X]}, channels
     * slowest.
     */
    static Order channelsFirst(int channels) {
      return (index, count) -> {
        int places = count / channels;
        return index % channels * places + index / channels;
      };
    }

    /** The other way round: channels fastest. */
    static Order channelsLast(int channels) {
      return (index, count) -> {
        int places = count / channels;
        return index % places * channels + index / places;
      };
    }
  }

  private static Tensor rows(Tensor tensor, Order order) {
    int rows = tensor.size(0);
    int length = Math.toIntExact(tensor.elements() / rows);
    return permuted(tensor, i -> order.from(i / length, rows) * length + i % length);
  }

  private static Tensor columns(Tensor tensor, Order order) {
    int columns = tensor.size(tensor.shape().rank() - 1);
    return permuted(tensor, i -> i / columns * columns + order.from(i % columns, columns));
  }

  private static Tensor permuted(Tensor tensor, IntUnaryOperator from) {
    float[] values = tensor.toFloats();
    float[] out = new float[values.length];
    for (int i = 0; i < out.length; i++) {
      out[i] = values[from.applyAsInt(i)];
    }
    return Tensor.of(out, tensor.shape().extents());
  }

  @Override
  public Set<String> names() {
    return source.names();
  }

  @Override
  public Optional<Tensor> find(String name, Shape shape) {
    return source.find(name, shape).map(tensor -> change.of(name, tensor));
  }

  @Override
  public String location(String name) {
    return source.location(name);
  }
}
