package dev.orrery.model.family;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.PlanningBackend;
import dev.orrery.model.session.ActionSpace;
import dev.orrery.model.session.ChunkWork;
import dev.orrery.model.session.LatentDecoder;
import dev.orrery.model.session.MemoryPlan;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.StartRequirements;
import dev.orrery.model.session.WorldModel;
import java.util.List;
import java.util.Optional;

/** A model on disk whose configuration was read, and nothing else yet. */
public interface ModelFolder {
  /** One line that says what this is: family, variant, size of the frames. */
  String description();

  /** Size and rate of the video. */
  VideoShape video();

  /**
   * Video frames that a chunk has: those that the model makes together.
   *
   * @param chunk from 0
   */
  int framesOfChunk(int chunk);

  /** The actions that the model takes for each video frame. */
  ActionSpace actionSpace();

  /**
   * Steps that the sampler takes for a chunk. With the seed, the start and the actions, they are
   * what the video depends on.
   */
  int steps();

  /**
   * The same model with another number of steps. By default there is none: the numbers of steps of
   * distilled models are fixed.
   *
   * @throws IllegalArgumentException saying what was expected and found, if the model cannot take
   *     that many
   */
  default ModelFolder withSteps(int steps) {
    if (steps != steps()) {
      throw new IllegalArgumentException(
          "expected " + steps() + ", for which the model is made, found " + steps);
    }
    return this;
  }

  /** What makes the frames of the latents. */
  default LatentDecoder decoder() {
    return LatentDecoder.VAE;
  }

  /** Where the weights of {@link LatentDecoder#TAEHV} may lie, for models that can have them. */
  default Optional<WeightFiles> tinyDecoder() {
    return Optional.empty();
  }

  /**
   * The same model with another decoder, whose weights need not exist yet. By default there is
   * none.
   *
   * @throws IllegalArgumentException saying what was expected and found, if the model cannot have
   *     that one
   */
  default ModelFolder withDecoder(LatentDecoder decoder) {
    if (decoder != decoder()) {
      throw new IllegalArgumentException(
          "expected "
              + decoder().id()
              + ", the only one that models of this family have, found "
              + decoder.id());
    }
    return this;
  }

  /** What a world of the model starts from. */
  StartRequirements startRequirements();

  /** Where prompts come from, for models that take them. */
  default Optional<Prompts> prompts() {
    return Optional.empty();
  }

  /** All networks, the transformer first; their checkpoints need not exist yet. */
  List<NetworkWeights<?>> networks();

  /**
   * The memory that the model would take, found without loading it.
   *
   * @param backend a plan of the backend that it is to run on
   * @throws dev.orrery.runtime.checkpoint.CheckpointException if a file is missing, damaged or of
   *     another model
   */
  MemoryPlan plan(PlanningBackend backend);

  /**
   * What a chunk takes to compute, found without loading the model; empty for models without
   * networks.
   *
   * @throws dev.orrery.runtime.checkpoint.CheckpointException if a file is missing, damaged or of
   *     another model
   */
  default Optional<ChunkWork> work() {
    return Optional.empty();
  }

  /**
   * Loads the model, without its text encoder.
   *
   * @param backend where the model runs; stays the caller's and must outlive the model
   * @param progress receives the weights brought into memory, in MiB
   * @throws dev.orrery.runtime.checkpoint.CheckpointException if a file is missing, damaged or of
   *     another model
   * @throws dev.orrery.kernels.backend.MissingKernelException if the backend lacks an operation
   */
  WorldModel load(Backend backend, Progress progress);

  /** Loads the model and tells nobody how far it is, see {@link #load(Backend, Progress)}. */
  default WorldModel load(Backend backend) {
    return load(backend, Progress.NONE);
  }
}
