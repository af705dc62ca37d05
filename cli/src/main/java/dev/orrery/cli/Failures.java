package dev.orrery.cli;

import dev.orrery.cli.video.UnsupportedVideoException;
import dev.orrery.kernels.backend.MissingKernelException;
import dev.orrery.model.camera.InvalidCameraException;
import dev.orrery.model.session.ActionSyntaxException;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.media.UnreadableImageException;
import java.io.IOException;
import java.io.PrintStream;

/** Turns exceptions into one line and an exit code. */
final class Failures {
  private Failures() {}

  /** What went wrong, for the user. */
  static String describe(Throwable e) {
    return switch (e) {
      case OutOfMemoryError _ ->
          "not enough memory (" + e.getMessage() + "); orrery info shows what a model needs";
      case IOException _ -> e.getMessage() == null ? e.toString() : e.getMessage();
      case MissingKernelException _ -> e.getMessage();
      case Throwable _ when isInput(e) -> e.getMessage();
      default -> "unexpected failure, please report it with the output of --stacktrace: " + e;
    };
  }

  /** {@link Orrery#UNUSABLE} if the user gave something that cannot be used. */
  static int exitCode(Throwable e) {
    return isInput(e) ? Orrery.UNUSABLE : Orrery.FAILED;
  }

  /** Prints one line, whatever the message contains. */
  static void print(PrintStream err, String message) {
    err.println("orrery: " + message.strip().replaceAll("\\s*\\R\\s*", " "));
  }

  private static boolean isInput(Throwable e) {
    return e instanceof UnusableInputException
        || e instanceof CheckpointException
        || e instanceof ActionSyntaxException
        || e instanceof InvalidCameraException
        || e instanceof UnreadableImageException
        || e instanceof UnsupportedVideoException;
  }
}
