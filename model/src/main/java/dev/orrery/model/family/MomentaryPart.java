package dev.orrery.model.family;

import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.model.layers.Parameters;
import dev.orrery.model.session.StartResources;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * A part of a network that only a start needs. Its weights stay in the checkpoint, are brought to
 * the backend while the part is used, and are given back after that. The checkpoint must stay open.
 *
 * @param <T> the part
 */
public final class MomentaryPart<T> {
  private final Parameters parameters;
  private final Function<Parameters, T> constructor;

  /**
   * A part that takes its tensors now, and their values later.
   *
   * @throws dev.orrery.runtime.checkpoint.CheckpointException if a tensor is missing or of another
   *     shape
   */
  public MomentaryPart(Parameters parameters, Function<Parameters, T> constructor) {
    this.parameters = parameters;
    this.constructor = constructor;
    constructor.apply(parameters.planned());
  }

  /**
   * Uses the part.
   *
   * @param resources the memory of the start
   * @param user gets the part, which is gone when this returns
   * @return what the user returns
   */
  public <R> R use(StartResources resources, Function<T, R> user) {
    try (TensorArena weights = resources.passing()) {
      R result = user.apply(constructor.apply(parameters.ownedBy(weights)));
      resources.backend().synchronize();
      return result;
    }
  }

  /** Uses the part for what it does, see {@link #use}. */
  public void run(StartResources resources, Consumer<T> user) {
    use(
        resources,
        part -> {
          user.accept(part);
          return null;
        });
  }
}
