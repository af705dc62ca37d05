package dev.orrery.model.layers;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.Kernel;
import dev.orrery.kernels.backend.PlanningBackend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.conv.ConvWeightOrder;
import dev.orrery.kernels.cpu.FloatView;
import dev.orrery.kernels.elementwise.Convert;
import dev.orrery.kernels.linear.quantized.GroupedInt4;
import dev.orrery.kernels.linear.quantized.ScaledRows;
import dev.orrery.kernels.tensor.Check;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.HostBuffer;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.runtime.checkpoint.StoredMatrix;
import dev.orrery.runtime.checkpoint.Weights;
import java.util.Arrays;

/**
 * What a layer is built from: a place in a checkpoint, the backend it will run on, and the arena
 * that owns weights which had to be copied. Layers keep the tensors they took and forget this.
 */
public final class Parameters {
  private final Weights weights;
  private final Backend backend;
  private final TensorArena arena;
  private final DType activations;

  private Parameters(Weights weights, Backend backend, TensorArena arena, DType activations) {
    this.weights = weights;
    this.backend = backend;
    this.arena = arena;
    this.activations = activations;
  }

  /**
   * Parameters of a whole transformer.
   *
   * @param weights cursor at the network's first name
   * @param backend where the network will run
   * @param arena owner of copies; must outlive the network
   */
  public static Parameters ofTransformer(Weights weights, Backend backend, TensorArena arena) {
    return new Parameters(weights, backend, arena, backend.computeTypes().transformer());
  }

  /**
   * Parameters of a whole autoencoder of images or video.
   *
   * @param weights cursor at the network's first name
   * @param backend where the network will run
   * @param arena owner of copies; must outlive the network
   */
  public static Parameters ofAutoencoder(Weights weights, Backend backend, TensorArena arena) {
    return new Parameters(weights, backend, arena, backend.computeTypes().autoencoder());
  }

  /** The parameters of a child, {@code name} being one or more steps: {@code "ffn.0"}. */
  public Parameters at(String name) {
    return new Parameters(weights.at(name), backend, arena, activations);
  }

  /** The same parameters for layers whose activations have another dtype. */
  public Parameters beside(DType otherActivations) {
    return new Parameters(weights, backend, arena, otherActivations);
  }

  /** The same parameters, with another owner of what is copied. */
  public Parameters ownedBy(TensorArena other) {
    return new Parameters(weights, backend, other, activations);
  }

  /** The same parameters for layers that are only planned: they take tensors, and copy nothing. */
  public Parameters planned() {
    PlanningBackend plan = PlanningBackend.like(backend);
    return new Parameters(weights, plan, plan.newArena(), activations);
  }

  /** Dtype of the activations that the weights are applied to. */
  public DType activations() {
    return activations;
  }

  public Backend backend() {
    return backend;
  }

  /** The backend's kernel for an operation. */
  public <K extends Kernel> K kernel(Class<K> contract) {
    return backend.kernel(contract);
  }

  /** Whether the checkpoint has a weight of this name. */
  public boolean has(String name) {
    return weights.has(name);
  }

  /** A weight in the form in which the backend's kernels take it beside the activations. */
  public Tensor get(String name, long... extents) {
    return upload(weights.get(name, extents));
  }

  /**
   * All values of a weight as a vector: a backend may take vectors in another form than what has
   * several extents.
   */
  Tensor vector(String name, long... extents) {
    Tensor stored = weights.get(name, extents);
    return upload(stored.reshape(stored.elements()));
  }

  /** The weight of a linear layer, quantised or not, where the backend's kernels take it. */
  StoredMatrix matrix(String name, int rows, int columns) {
    return switch (weights.matrix(name, rows, columns)) {
      case StoredMatrix.Plain(var values) -> new StoredMatrix.Plain(upload(values));
      case StoredMatrix.Rows(var scaled) ->
          new StoredMatrix.Rows(new ScaledRows(upload(scaled.values()), scales(scaled.scales())));
      case StoredMatrix.Groups(var groups) ->
          new StoredMatrix.Groups(
              new GroupedInt4(upload(groups.packed()), scales(groups.scales())));
    };
  }

  /** A small weight as fp32 values on the host; zeros of a plan, whose tensors have no data. */
  public float[] values(String name, long... extents) {
    Tensor stored = weights.get(name, extents);
    float[] values = new float[Math.toIntExact(stored.elements())];
    if (stored.buffer() instanceof HostBuffer) {
      FloatView.of(stored).copy(0, values, 0, values.length);
    }
    return values;
  }

  private Tensor upload(Tensor stored) {
    return backend.upload(stored, activations, arena);
  }

  /** Scales stay fp32, whatever the activations. */
  private Tensor scales(Tensor stored) {
    return backend.upload(stored, DType.F32, arena);
  }

  /** A weight in the dtype of the activations, for small ones that are added to them. */
  public Tensor likeActivations(String name, long... extents) {
    Tensor out = arena.empty(activations, extents);
    kernel(Convert.class).run(get(name, extents), out);
    return out;
  }

  /**
   * Matrices of the same columns below one another, in the dtype of the activations: a table of
   * embeddings with a row that a checkpoint keeps apart.
   */
  public Tensor stacked(Tensor... matrices) {
    long rows = Arrays.stream(matrices).mapToLong(matrix -> matrix.size(0)).sum();
    Tensor out = arena.empty(activations, rows, matrices[0].size(1));
    long row = 0;
    for (Tensor matrix : matrices) {
      kernel(Convert.class).run(matrix, out.slice(row, row + matrix.size(0)));
      row += matrix.size(0);
    }
    return out;
  }

  /** A matrix {@code [rows, columns]} as its transpose, in the dtype of the activations. */
  public Tensor transposed(String name, int rows, int columns) {
    return transposed(name, new long[] {rows}, new long[] {columns});
  }

  /** The same of a weight {@code [rows.., columns..]}, as {@code [columns, rows]}. */
  Tensor transposed(String name, long[] rows, long[] columns) {
    long[] extents = Arrays.copyOf(rows, rows.length + columns.length);
    System.arraycopy(columns, 0, extents, rows.length, columns.length);
    Tensor stored = likeActivations(name, extents);
    long height = Arrays.stream(rows).reduce(1, Math::multiplyExact);
    long width = stored.elements() / height;
    Tensor out = arena.empty(activations, width, height);
    kernel(ConvWeightOrder.class)
        .run(stored.reshape(height, width, 1), out.reshape(1, width, height));
    return out;
  }

  /**
   * The weight of a convolution, stored as {@code [Co, Ci, taps...]}, in the kernels' order {@code
   * [taps..., Ci, Co]}.
   */
  public Tensor convolution(String name, long... storedExtents) {
    // What was uploaded in the stored order is not needed once it is in the other one.
    try (TensorArena passing = backend.newArena()) {
      Tensor stored = backend.upload(weights.get(name, storedExtents), activations, passing);
      Tensor ordered = convolution(stored);
      backend.synchronize();
      return ordered;
    }
  }

  /** The same of a weight {@code [Co, Ci, taps...]} that was read already. */
  public Tensor convolution(Tensor stored) {
    Tensor out =
        arena.empty(stored.dtype(), ConvWeightOrder.channelsLast(stored.shape()).extents());
    kernel(ConvWeightOrder.class).run(stored, out);
    return out;
  }

  /**
   * A weight's rows in another order: row {@code i} of every {@code order.length} rows becomes the
   * one that was row {@code order[i]} of them.
   *
   * @param weight {@code [R, ...]}, R a multiple of {@code order.length}
   */
  public Tensor reordered(Tensor weight, int... order) {
    Check.multiple("rows of the weight", weight.size(0), "rows to reorder", order.length);
    Tensor out = arena.empty(weight.dtype(), weight.shape().extents());
    for (int first = 0; first < weight.size(0); first += order.length) {
      for (int i = 0; i < order.length; i++) {
        int from = first + order[i];
        backend.copy(weight.slice(from, from + 1), out.slice(first + i, first + i + 1));
      }
    }
    return out;
  }

  /** Checks a weight that checkpoints hold but inference never uses. */
  public void unused(String name, long... extents) {
    weights.get(name, extents);
  }

  /** A vector of zeros in the dtype of the activations. */
  public Tensor zeros(long elements) {
    return arena.empty(activations, elements);
  }

  /** A constant of the network that no checkpoint holds, fp32. */
  public Tensor constant(float[] values) {
    Tensor tensor = arena.empty(DType.F32, values.length);
    backend.copy(Tensor.of(values, values.length), tensor);
    return tensor;
  }

  /** A constant of the network that no checkpoint holds, in the dtype of the activations. */
  public Tensor constantLikeActivations(float[] values, long... extents) {
    try (TensorArena passing = backend.newArena()) {
      Tensor fp32 = passing.empty(DType.F32, extents);
      backend.copy(Tensor.of(values, extents), fp32);
      Tensor out = arena.empty(activations, extents);
      kernel(Convert.class).run(fp32, out);
      backend.synchronize();
      return out;
    }
  }
}
