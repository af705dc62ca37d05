package dev.orrery.cli.command;

import dev.orrery.cli.command.ResultStream.ResultException;
import dev.orrery.kernels.backend.MissingKernelException;
import dev.orrery.model.camera.InvalidCameraException;
import dev.orrery.model.session.ActionSyntaxException;
import dev.orrery.model.session.UnusableStartException;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.media.UnreadableImageException;
import dev.orrery.video.UnusableVideoException;
import java.io.IOException;
import java.io.PrintStream;

/** Turns exceptions into one line and an exit code. */
public final class Failures {
  private static final String MEMORY_HINT =
      "orrery info shows what a model needs, JAVA_TOOL_OPTIONS=-Xmx4g gives Java more";

  private Failures() {}

  /** What went wrong, for the user. */
  public static String describe(Throwable e) {
    return switch (e) {
      case OutOfMemoryError _ -> "not enough memory (" + e.getMessage() + "); " + MEMORY_HINT;
      case IOException _ -> e.getMessage() == null ? e.toString() : e.getMessage();
      case CheckpointException _, MissingKernelException _, ResultException _ -> e.getMessage();
      case Throwable _ when isInput(e) -> e.getMessage();
      default -> "unexpected failure, please report it with the output of --stacktrace: " + e;
    };
  }

  /** {@link Program#UNUSABLE} if the user gave something that cannot be used. */
  public static int exitCode(Throwable e) {
    return isInput(e) ? Program.UNUSABLE : Program.FAILED;
  }

  /** Prints one line, whatever the message contains. */
  static void print(PrintStream err, String message) {
    err.println("orrery: " + message.strip().replaceAll("\\s*\\R\\s*", " "));
  }

  /** Whether the user gave something that cannot be used; such messages are made for the user. */
  private static boolean isInput(Throwable e) {
    return switch (e) {
      case CheckpointException checkpoint -> !checkpoint.isAboutOutput();
      case ActionSyntaxException _,
          MissingKernelException _,
          InvalidCameraException _,
          UnreadableImageException _,
          UnusableStartException _,
          UnusableInputException _,
          UnusableVideoException _ ->
          true;
      default -> false;
    };
  }
}
