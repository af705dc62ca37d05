package dev.orrery.model.session;

/** An action script cannot be read. The message is one line that names the position. */
public final class ActionSyntaxException extends IllegalArgumentException {
  private static final long serialVersionUID = 1;

  ActionSyntaxException(String message) {
    super(message);
  }

  /** Refuses any action for a model that takes none. */
  static void refuseIfNone(ActionSpace space) {
    if (space.isEmpty()) {
      throw new ActionSyntaxException("actions: the model goes on by itself and takes none");
    }
  }
}
