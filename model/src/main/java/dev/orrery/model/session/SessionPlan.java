package dev.orrery.model.session;

import dev.orrery.runtime.memory.WorkspaceSize;

/**
 * The bytes that a model and each of its sessions take, found by running the whole model on a
 * {@link dev.orrery.kernels.backend.PlanningBackend}: the figures are those of the very code that
 * will allocate.
 *
 * @param copiedWeights weights that are kept in another form than the files'
 * @param start what encoding the start takes, given back afterwards; its workspace not included
 * @param startWorkspace activations while the start is encoded
 * @param condition what a session holds of its start, shared with its forks and with other sessions
 *     of the same encoded start
 * @param own what else a session holds: caches, latents
 * @param passWorkspace activations of a forward pass of the transformer
 * @param decodeWorkspace activations of the decoder
 * @param overlapped whether the decoder works beside the transformer; else one workspace is both's
 * @param reinterprets whether activations of all types lie in one memory; see {@link
 *     dev.orrery.kernels.backend.TensorArena#reinterprets}
 */
public record SessionPlan(
    long copiedWeights,
    long start,
    WorkspaceSize startWorkspace,
    long condition,
    long own,
    WorkspaceSize passWorkspace,
    WorkspaceSize decodeWorkspace,
    boolean overlapped,
    boolean reinterprets) {
  /** Bytes that a session holds. */
  public long session() {
    return condition + own;
  }

  /** Bytes of activations that a session needs. */
  public long workspace() {
    return overlapped
        ? passWorkspace.bytes(reinterprets) + decodeWorkspace.bytes(reinterprets)
        : passWorkspace.or(decodeWorkspace).bytes(reinterprets);
  }

  /** Bytes that encoding the start takes, given back afterwards. */
  public long startBytes() {
    return start + startWorkspace.bytes(reinterprets);
  }

  /**
   * This as a user is shown it.
   *
   * @param model one line that says which model
   * @param storedWeights bytes of the files
   * @param promptEncoder bytes that encoding a prompt takes before the model is loaded; 0 if the
   *     model takes none
   * @param scratchPerHour bytes that a session writes into a scratch file in an hour of video
   */
  public MemoryPlan memory(
      String model, long storedWeights, long promptEncoder, long scratchPerHour) {
    return new MemoryPlan(
        model,
        storedWeights,
        copiedWeights,
        session(),
        workspace(),
        startBytes(),
        own + workspace(),
        SavedSession.WRITING_BYTES,
        promptEncoder,
        scratchPerHour);
  }
}
