package dev.orrery.model.session;

/**
 * The bytes that a model and each of its sessions take, found by running the whole model on a
 * {@link dev.orrery.kernels.backend.PlanningBackend}: the figures are those of the very code that
 * will allocate.
 *
 * @param copiedWeights weights that are kept in another form than the files'
 * @param start what encoding the start takes, given back afterwards; its workspace not included
 * @param startWorkspace activations while the start is encoded
 * @param session what a session holds: caches, conditions, latents
 * @param passWorkspace activations of a forward pass of the transformer
 * @param decodeWorkspace activations of the decoder
 * @param overlapped whether the decoder works beside the transformer; else one workspace is both's
 */
public record SessionPlan(
    long copiedWeights,
    long start,
    long startWorkspace,
    long session,
    long passWorkspace,
    long decodeWorkspace,
    boolean overlapped) {
  /** Bytes of activations that a session needs. */
  public long workspace() {
    return overlapped ? passWorkspace + decodeWorkspace : Math.max(passWorkspace, decodeWorkspace);
  }

  /**
   * This as a user is shown it.
   *
   * @param model one line that says which model
   * @param storedWeights bytes of the files
   * @param promptEncoder bytes that encoding a prompt takes before the model is loaded; 0 if the
   *     model takes none
   */
  public MemoryPlan memory(String model, long storedWeights, long promptEncoder) {
    return new MemoryPlan(
        model,
        storedWeights,
        copiedWeights,
        session,
        workspace(),
        start + startWorkspace,
        promptEncoder);
  }
}
