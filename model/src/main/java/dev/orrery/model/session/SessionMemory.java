package dev.orrery.model.session;

import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.runtime.memory.Workspace;

/**
 * What a model and each of its sessions take, found by running the whole model on a {@link
 * dev.orrery.kernels.backend.PlanningBackend}: the figures are those of the very code that will
 * allocate.
 *
 * @param copiedWeights bytes of weights that are kept in another form than the files'
 * @param start bytes that encoding the start image takes, given back afterwards; its workspace not
 *     included
 * @param startWorkspace bytes of activations while the start image is encoded
 * @param session bytes a session holds: caches, conditions, latents
 * @param passWorkspace bytes of activations of a pass of the transformer
 * @param decodeWorkspace bytes of activations of the decoder
 * @param overlapped whether the decoder works beside the transformer; else one workspace is both's
 */
public record SessionMemory(
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
   * Memory for activations.
   *
   * @param passes of the transformer
   * @param decodes of the decoder; the same one where the two never work at once
   */
  public record Workspaces(Workspace passes, Workspace decodes) {}

  /** The workspaces of a session. */
  public Workspaces workspaces(TensorArena arena) {
    if (overlapped) {
      return new Workspaces(
          Workspace.of(arena, passWorkspace), Workspace.of(arena, decodeWorkspace));
    }
    Workspace shared = Workspace.of(arena, workspace());
    return new Workspaces(shared, shared);
  }

  /**
   * This as a user is told.
   *
   * @param model one line that says which model
   * @param storedWeights bytes of the files
   * @param promptEncoder bytes that encoding a prompt takes before the model is loaded; 0 if the
   *     model takes none
   */
  public MemoryPlan plan(String model, long storedWeights, long promptEncoder) {
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
