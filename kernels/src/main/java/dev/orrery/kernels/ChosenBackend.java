package dev.orrery.kernels;

import dev.orrery.kernels.backend.Backend;

/**
 * A backend that {@link Backends} opened, and why it is this one.
 *
 * @param backend belongs to whoever holds this
 * @param reason one line for people: that it was asked for, or why {@code auto} took it, which on a
 *     CPU is why no GPU can be used
 */
public record ChosenBackend(Backend backend, String reason) implements AutoCloseable {
  /** Closes the backend; models and sessions on it must be closed before. */
  @Override
  public void close() {
    backend.close();
  }
}
