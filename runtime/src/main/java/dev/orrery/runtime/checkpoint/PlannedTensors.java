package dev.orrery.runtime.checkpoint;

import dev.orrery.kernels.backend.PlannedBuffer;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;

/**
 * A source of tensors that have a shape and no memory, which records what is asked of it. Building
 * a network on it gives the list of the network's weights: for a memory plan, or for a synthetic
 * checkpoint.
 */
public final class PlannedTensors implements TensorSource {
  private final TensorSource model;
  private final DType dtype;
  private final Function<TensorSpec, List<TensorSpec>> form;
  private final Map<String, TensorSpec> answers = new HashMap<>();
  private final Map<String, TensorSpec> requests = new LinkedHashMap<>();

  private PlannedTensors(
      TensorSource model, DType dtype, Function<TensorSpec, List<TensorSpec>> form) {
    this.model = model;
    this.dtype = dtype;
    this.form = form;
  }

  /** A source where every tensor that is asked for exists, with the given element type. */
  public static PlannedTensors of(DType dtype) {
    return of(dtype, List::of);
  }

  /**
   * A source where every tensor that is asked for exists in the form in which it would be stored.
   *
   * @param dtype element type of what is given to {@code form}
   * @param form the tensors that stand for one: what has its name, then those that come with it,
   *     such as the scales of a quantised matrix
   */
  public static PlannedTensors of(DType dtype, Function<TensorSpec, List<TensorSpec>> form) {
    return new PlannedTensors(null, dtype, form);
  }

  /**
   * A source with the names, element types and shapes of another one, typically of an opened
   * checkpoint.
   */
  public static PlannedTensors like(TensorSource stored) {
    return new PlannedTensors(stored, null, null);
  }

  @Override
  public Set<String> names() {
    return model == null ? Set.of() : model.names();
  }

  @Override
  public Optional<Tensor> find(String name, Shape shape) {
    TensorSpec spec;
    if (model == null) {
      spec = planned(name, shape);
    } else {
      Optional<Tensor> stored = model.find(name, shape);
      if (stored.isEmpty()) {
        return Optional.empty();
      }
      spec = new TensorSpec(name, stored.get().dtype(), stored.get().shape());
    }
    requests.put(name, spec);
    return Optional.of(
        new Tensor(spec.dtype(), spec.shape(), new PlannedBuffer(spec.byteSize()), 0));
  }

  /** What was answered before, a tensor that came with another one, or a new one. */
  private TensorSpec planned(String name, Shape shape) {
    if (!answers.containsKey(name)) {
      for (TensorSpec stored : form.apply(new TensorSpec(name, dtype, shape))) {
        answers.put(stored.name(), stored);
      }
    }
    return answers.get(name);
  }

  @Override
  public String location(String name) {
    return model == null ? "plan" : model.location(name);
  }

  /** What was asked for, each name once, in order of the first request. */
  public List<TensorSpec> requests() {
    return new ArrayList<>(requests.values());
  }

  /** Bytes of all tensors that were asked for. */
  public long byteSize() {
    return requests.values().stream().mapToLong(TensorSpec::byteSize).sum();
  }
}
