package dev.orrery.model.family;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.PlanningBackend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.model.layers.Parameters;
import dev.orrery.runtime.checkpoint.PlannedTensors;
import dev.orrery.runtime.checkpoint.TensorSource;
import dev.orrery.runtime.checkpoint.TensorSpec;
import dev.orrery.runtime.checkpoint.Weights;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * One network of a model: where its weights lie and how it is built of them. The network itself
 * asks for its tensors, so tools that check checkpoints or make them need no second list of names
 * and shapes.
 *
 * @param name what the network is, such as {@code transformer}
 * @param files where its weights lie, or should lie
 * @param constructor builds the network, at the root of the checkpoint's names
 * @param <T> the network
 */
public record NetworkWeights<T>(String name, WeightFiles files, Constructor<T> constructor) {
  /** Builds a network from a checkpoint. */
  @FunctionalInterface
  public interface Constructor<T> {
    /** Takes all tensors of the network. */
    T build(Weights weights, Backend backend, TensorArena arena);
  }

  /** A transformer. */
  public static <T> NetworkWeights<T> transformer(
      String name, WeightFiles files, Function<Parameters, T> network) {
    return transformer(name, files, weights -> weights, network);
  }

  /**
   * A transformer whose tensors are some of its checkpoint's.
   *
   * @param part from the cursor at the root of the checkpoint to the one at the network's root
   */
  public static <T> NetworkWeights<T> transformer(
      String name,
      WeightFiles files,
      UnaryOperator<Weights> part,
      Function<Parameters, T> network) {
    return new NetworkWeights<>(
        name,
        files,
        (weights, backend, arena) ->
            network.apply(Parameters.ofTransformer(part.apply(weights), backend, arena)));
  }

  /** An autoencoder of images or video. */
  public static <T> NetworkWeights<T> autoencoder(
      String name, WeightFiles files, Function<Parameters, T> network) {
    return new NetworkWeights<>(
        name,
        files,
        (weights, backend, arena) ->
            network.apply(Parameters.ofAutoencoder(weights, backend, arena)));
  }

  /** Where its weights lie, or should lie: a safetensors file or an index. */
  public Path checkpoint() {
    return files.path();
  }

  /**
   * Builds the network, requiring that every tensor of the source is used or known to be
   * superfluous.
   *
   * @param arena owner of copied weights
   * @throws dev.orrery.runtime.checkpoint.CheckpointException if a tensor is missing, of another
   *     shape or left over
   */
  public T build(TensorSource source, Backend backend, TensorArena arena) {
    Weights weights = Weights.of(source);
    T network = constructor.build(weights, backend, arena);
    weights.finish();
    return network;
  }

  /**
   * Has the network take its tensors, which need no data.
   *
   * @throws dev.orrery.runtime.checkpoint.CheckpointException if one is missing, of another shape
   *     or left over
   */
  public void read(TensorSource source) {
    try (PlanningBackend backend = PlanningBackend.cpu();
        TensorArena arena = backend.newArena()) {
      build(source, backend, arena);
    }
  }

  /**
   * Has the network take its tensors, which need no data, and tells what is left over.
   *
   * @return the names of tensors that the network neither takes nor knows to be superfluous
   * @throws dev.orrery.runtime.checkpoint.CheckpointException if one is missing or of another shape
   */
  public List<String> unread(TensorSource source) {
    try (PlanningBackend backend = PlanningBackend.cpu();
        TensorArena arena = backend.newArena()) {
      Weights weights = Weights.of(source);
      constructor.build(weights, backend, arena);
      return weights.unread();
    }
  }

  /** All tensors of the network, in the order in which it asks for them. */
  public List<TensorSpec> tensors(DType dtype) {
    PlannedTensors asked = PlannedTensors.of(dtype);
    read(asked);
    return asked.requests();
  }
}
