package dev.orrery.model.session;

/**
 * The memory that a model takes, in bytes, known before any of it is loaded.
 *
 * @param model one line that says which model
 * @param storedWeights weights as the files hold them, mapped into memory
 * @param copiedWeights weights kept in another form besides
 * @param session caches, conditions and latents of one session
 * @param workspace activations of one session
 * @param start what starting a session takes on top for a moment
 * @param fork what a fork of a session takes, or another session of an encoded start; what the
 *     start says to all chunks is shared
 * @param save what saving a session takes on top for a moment, in host memory
 * @param promptEncoder what encoding a prompt takes before the model is loaded; 0 if the model
 *     takes no prompts or has no text encoder
 * @param scratchPerHour what a session writes into the folder for temporary files in an hour of
 *     video, and gives back when it and its forks are closed; 0 for models that remember no more
 *     than a window
 */
public record MemoryPlan(
    String model,
    long storedWeights,
    long copiedWeights,
    long session,
    long workspace,
    long start,
    long fork,
    long save,
    long promptEncoder,
    long scratchPerHour) {
  /** Bytes once the model is loaded. */
  public long loaded() {
    return storedWeights + copiedWeights;
  }

  /** Bytes while one session plays. */
  public long playing() {
    return loaded() + session + workspace;
  }
}
