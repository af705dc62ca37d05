package dev.orrery.cli;

import dev.orrery.cli.command.UnusableInputException;
import dev.orrery.model.camera.CameraFile;
import dev.orrery.model.camera.CameraMove;
import dev.orrery.model.camera.CameraPath;
import dev.orrery.model.camera.PoseString;
import dev.orrery.model.session.Action;
import dev.orrery.model.session.ActionRecording;
import dev.orrery.model.session.ActionScript;
import dev.orrery.model.session.ActionSpace;
import dev.orrery.model.session.CameraSteering;
import java.util.List;
import java.util.Optional;
import java.util.function.IntFunction;
import java.util.stream.Stream;
import picocli.CommandLine.Option;

/** What a world is steered by: keys, or a camera. */
final class Steering {
  /** How long a model plays that nobody steers. */
  static final int DEFAULT_FRAMES = 36;

  @Option(
      names = "--actions",
      paramLabel = "TEXT|@FILE",
      description =
          "What is held, as text or in a file, or recorded in a .json, .jsonl or .csv file. Default: a tour"
              + " of the demo world; for other models their first key.")
  private String actions;

  @Option(
      names = "--camera",
      paramLabel = "TEXT|@FILE",
      description =
          "The path of the camera, for models that have one: moves as text or in a file, or poses"
              + " in a .json file.")
  private String camera;

  /**
   * What steers the world.
   *
   * @param actions of every video frame
   * @param frames as long as they last
   */
  record Route(IntFunction<? extends Action> actions, int frames) {}

  /** Whether the user gave one of them. */
  boolean isGiven() {
    return actions != null || camera != null;
  }

  /**
   * Reads what the user gave.
   *
   * @param space of the model
   * @param tour the actions if none are given; if there are none either, the first key is held
   * @param goesOn whether the world was left at some place: moves of a camera begin there
   * @throws UnusableInputException if it is not for this model
   */
  Route route(ActionSpace space, Optional<String> tour, boolean goesOn) {
    Optional<CameraSteering> steered = space.camera();
    if (steered.isEmpty()) {
      refuseWithoutCamera("--camera", camera);
    } else if (camera != null) {
      return cameraRoute(steered.get(), goesOn);
    }
    if (actions == null) {
      return unsteered(space, tour);
    }
    TextArgument argument = TextArgument.of("--actions", actions);
    if (Stream.of(".json", ".jsonl", ".csv").anyMatch(argument::isFile)) {
      ActionRecording recording = ActionRecording.read(argument.file(), space);
      return new Route(recording::at, recording.frames());
    }
    return script(argument.text(), space);
  }

  /** A tour, or the first key, or nothing. */
  private static Route unsteered(ActionSpace space, Optional<String> tour) {
    Optional<String> first = space.controls().keys().keySet().stream().findFirst();
    if (first.isEmpty()) {
      Action rest = space.action(space.rest());
      return new Route(_ -> rest, DEFAULT_FRAMES);
    }
    return script(tour.or(() -> first).get(), space);
  }

  private static Route script(String text, ActionSpace space) {
    ActionScript script = ActionScript.parse(text, space.controls());
    return new Route(script::at, script.frames());
  }

  /**
   * Refuses an option of a camera for a model that has none.
   *
   * @param value null if the option was not given
   */
  static void refuseWithoutCamera(String option, Object value) {
    if (value != null) {
      throw new UnusableInputException(
          option + ": the model has no camera; steer it with --actions");
    }
  }

  private Route cameraRoute(CameraSteering steering, boolean goesOn) {
    TextArgument argument = TextArgument.of("--camera", camera);
    if (argument.isFile(".json")) {
      CameraPath poses = CameraFile.read(argument.file());
      int frames = goesOn ? steering.framesPerPose() * poses.frames() : steering.frames(poses);
      return new Route(steering.along(poses), frames);
    }
    List<CameraMove> moves = PoseString.parse(argument.text());
    if (goesOn) {
      return new Route(steering.onwards(moves), steering.framesPerPose() * moves.size());
    }
    CameraPath path = steering.path(moves);
    return new Route(steering.along(path), steering.frames(path));
  }
}
