package dev.orrery.weights.command;

import dev.orrery.runtime.checkpoint.CheckpointException;
import java.io.IOException;
import java.io.PrintStream;
import java.util.Set;

/**
 * Turns exceptions into one line and an exit code.
 *
 * @param program its name, with which every line begins
 * @param memoryHint what to tell a user whose memory ran out
 * @param inputs exceptions about what the user gave, whose messages are made for him; {@link
 *     CheckpointException} and {@link UnusableInputException} are such anyway
 * @param failures other exceptions whose messages are made for the user
 */
public record Failures(
    String program,
    String memoryHint,
    Set<Class<? extends Throwable>> inputs,
    Set<Class<? extends Throwable>> failures) {

  /** What went wrong, for the user. */
  public String describe(Throwable e) {
    return switch (e) {
      case OutOfMemoryError _ -> "not enough memory (" + e.getMessage() + "); " + memoryHint;
      case IOException _ -> e.getMessage() == null ? e.toString() : e.getMessage();
      case CheckpointException _ -> e.getMessage();
      case Throwable _ when isInput(e) || failures.stream().anyMatch(kind -> kind.isInstance(e)) ->
          e.getMessage();
      default -> "unexpected failure, please report it with the output of --stacktrace: " + e;
    };
  }

  /** {@link Program#UNUSABLE} if the user gave something that cannot be used. */
  public int exitCode(Throwable e) {
    return isInput(e) ? Program.UNUSABLE : Program.FAILED;
  }

  /** Prints one line, whatever the message contains. */
  public void print(PrintStream err, String message) {
    err.println(program + ": " + message.strip().replaceAll("\\s*\\R\\s*", " "));
  }

  private boolean isInput(Throwable e) {
    return e instanceof CheckpointException checkpoint && !checkpoint.isAboutOutput()
        || e instanceof UnusableInputException
        || inputs.stream().anyMatch(kind -> kind.isInstance(e));
  }
}
