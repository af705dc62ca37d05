package dev.orrery.cli;

import dev.orrery.cli.command.BackendOptions;
import dev.orrery.cli.command.ConsoleCommand;
import dev.orrery.cli.command.Interruption;
import dev.orrery.cli.command.OutputFile;
import dev.orrery.cli.command.UnusableInputException;
import dev.orrery.cli.video.VideoFormat;
import dev.orrery.cli.video.VideoSink;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.model.camera.CameraFile;
import dev.orrery.model.camera.CameraPath;
import dev.orrery.model.camera.PoseString;
import dev.orrery.model.family.ModelFolder;
import dev.orrery.model.family.Prompts;
import dev.orrery.model.session.Action;
import dev.orrery.model.session.ActionScript;
import dev.orrery.model.session.ActionSpace;
import dev.orrery.model.session.CameraSteering;
import dev.orrery.model.session.Controls;
import dev.orrery.model.session.Start;
import dev.orrery.model.session.StartRequirements;
import dev.orrery.model.session.WorldModel;
import dev.orrery.model.session.WorldSession;
import dev.orrery.model.text.EncodedPrompt;
import dev.orrery.runtime.media.RgbImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.IntFunction;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code orrery generate}. */
@Command(
    name = "generate",
    description = {
      "Continues an image as a video while keys are held or a camera moves. Without options it walks"
          + " through the demo world and writes orrery.mp4. The same seed, image, prompt and actions"
          + " give the same video."
    },
    footer = {
      "",
      "Actions are entries such as w*12 or w+l*24: keys held together, joined by +, and for how many",
      "frames (12 if not said). Entries stand between blanks, commas or line ends; # begins a comment;",
      "the last entry stays held. One frame of video is one action.",
      "",
      "Keys of the demo world, other universal models and WorldPlay:",
      "  w forward   s back   a left   d right   q nothing",
      "  i look up   k look down   j look left   l look right",
      "Other models name their keys when one is not known.",
      "",
      "Camera paths, for WorldPlay, are moves and for how many latent frames (4 frames of video each):",
      "  w-31, right-4   w s a d: forward, back, left, right; right left up down: turn and look",
      "or a JSON file of poses; after its end the camera stands still.",
      "",
      "Examples:",
      "  orrery generate",
      "  orrery generate --actions \"w*24 w+l*48\" --output walk.gif",
      "  orrery generate --image yard.jpg --actions @tour.txt --seed 7 --output tour.mp4",
      "  orrery generate --actions l --frames 300 --output turn-frames",
      "  orrery generate --model worldplay-5b --prompt \"A castle by a lake\" \\",
      "    --camera \"w-15, right-16, left-16\" --camera-strip path.png",
      "",
      "Exit codes: 0 done, 1 failed while running, 2 the options or files given cannot be used,",
      "130 interrupted. A failure leaves no video behind, not even a part of one."
    })
final class GenerateCommand extends ConsoleCommand {
  /** Around the courtyard of the demo world: eight seconds at 25 frames per second. */
  static final String DEMO_ACTIONS = "d*20 l*30 d*20 l*40 s*20 j*50 w*20";

  private static final int DEFAULT_FRAMES_OF_OTHER_MODELS = 36;

  @Option(
      names = "--model",
      paramLabel = "DIR",
      description = "Folder of the model. Default: the demo world that comes with Orrery.")
  private Path model;

  @Option(
      names = "--image",
      paramLabel = "FILE",
      description =
          "Image to start from: PNG, JPEG, WebP, GIF or BMP of any size; it is cropped and resized."
              + " Default: start.png of the model's folder; with a prompt none.")
  private Path image;

  @Option(
      names = "--prompt",
      paramLabel = "TEXT|@FILE",
      description =
          "What the world is like, for models that take a prompt: as text, in a text file, or encoded"
              + " before in a .safetensors file. Default: prompt.safetensors of the model's folder.")
  private String prompt;

  @ArgGroup private Steering steering = new Steering();

  /** What the world is steered by. */
  private static final class Steering {
    @Option(
        names = "--actions",
        paramLabel = "TEXT|@FILE",
        description =
            "Which keys are held, as text or in a file. Default: a tour of the demo world; for other"
                + " models their first key.")
    private String actions;

    @Option(
        names = "--camera",
        paramLabel = "TEXT|@FILE",
        description =
            "The path of the camera, for models that have one: moves as text or in a file, or poses"
                + " in a .json file.")
    private String camera;

    boolean isGiven() {
      return actions != null || camera != null;
    }
  }

  @Option(
      names = "--seed",
      paramLabel = "N",
      defaultValue = "42",
      description = "Chooses one of the possible worlds. Default: ${DEFAULT-VALUE}.")
  private long seed;

  @ArgGroup private Length length = new Length();

  /** How much to make: by default as much as there are actions. */
  private static final class Length {
    @Option(
        names = {"--chunks", "--blocks"},
        paramLabel = "N",
        description = "Make N chunks, the groups of frames that the model makes together.")
    private Integer chunks;

    @Option(
        names = "--frames",
        paramLabel = "N",
        description = "Make N frames. Default: as long as the actions or the camera path last.")
    private Integer frames;
  }

  @Option(
      names = "--output",
      paramLabel = "FILE.mp4|FILE.gif|DIR",
      defaultValue = "orrery.mp4",
      description =
          "The video, or a new folder for PNG files. An existing file is replaced when the new one is"
              + " complete. Default: ${DEFAULT-VALUE}.")
  private Path output;

  @Option(
      names = "--camera-out",
      paramLabel = "FILE.json",
      description = "Write the camera of every latent frame, in the form that --camera reads.")
  private Path cameraOut;

  @Option(
      names = "--camera-strip",
      paramLabel = "FILE.png",
      description = "Write some frames beside a plot of the camera's path.")
  private Path cameraStrip;

  @Option(
      names = "--fps",
      paramLabel = "N",
      description =
          "Frames per second of the video, 1 to 120. Default: what the model's own videos have.")
  private Integer fps;

  @Mixin private BackendOptions backendOptions;

  private final Environment environment;

  GenerateCommand(Environment environment) {
    super(environment.console());
    this.environment = environment;
  }

  @Override
  protected void run() throws IOException {
    checkRange("--fps", fps, 120);
    checkRange("--chunks", length.chunks, 1_000_000);
    checkRange("--frames", length.frames, 10_000_000);
    backendOptions.check();
    VideoSink.check(output);
    OutputFile.check("--camera-out", cameraOut, ".json");
    OutputFile.check("--camera-strip", cameraStrip, ".png");
    Path folder = model == null ? environment.demo() : model;
    // Everything that a user wrote is read before the weights are, which may take long.
    ModelFolder opened = environment.families().open(folder);
    Route route = route(opened.actionSpace());
    Optional<Prompts> prompts = opened.prompts();
    if (prompt != null && prompts.isEmpty()) {
      throw new UnusableInputException("--prompt: the model takes no prompts");
    }
    Prompt given = prompt == null ? null : Prompt.of(prompt);
    Optional<EncodedPrompt> stored =
        given == null ? prompts.map(Prompts::stored) : Optional.empty();
    List<RgbImage> images = startImages(folder, opened.startRequirements());
    try (Backend backend = backendOptions.open()) {
      // Encoded before the model is loaded, the two never need memory at once.
      Optional<EncodedPrompt> encoded =
          given == null ? stored : prompts.map(known -> given.encode(known, backend, progress()));
      try (WorldModel world = opened.load(backend, progress())) {
        generate(world, backend, new Start(images, encoded, seed), route);
      }
    }
  }

  private void generate(WorldModel world, Backend backend, Start start, Route route)
      throws IOException {
    int frames = framesWanted(world, route);
    int rate = fps == null ? world.framesPerSecond() : fps;
    progress()
        .line("model   %s (%s)".formatted(world.description(), backendOptions.describe(backend)));
    progress().line("seed    " + seed);
    progress().line("output  %s, %d frames at %d per second".formatted(output, frames, rate));
    long nanos;
    Optional<CameraRecord> camera =
        cameraOut == null && cameraStrip == null
            ? Optional.empty()
            : world
                .actionSpace()
                .camera()
                .map(it -> new CameraRecord(cameraOut, cameraStrip, frames, it.framesPerPose()));
    try (VideoSink video =
            VideoSink.open(output, new VideoFormat(world.width(), world.height(), rate));
        Interruption interruption = new Interruption(video::close);
        WorldSession session = world.start(start, progress())) {
      interruption.first(session::cancel);
      long before = System.nanoTime();
      session.rollout(
          route.actions(),
          frames,
          progress(),
          made -> {
            video.write(made);
            camera.ifPresent(record -> record.see(made));
          });
      nanos = System.nanoTime() - before;
      video.finish();
      if (camera.isPresent()) {
        camera.get().write(session);
      }
    }
    progress()
        .line(
            String.format(
                Locale.ROOT,
                "%d frames in %.1f s, %.1f frames per second",
                frames,
                nanos / 1e9,
                frames * 1e9 / nanos));
    printLine(output);
  }

  /**
   * What steers the world.
   *
   * @param actions of every video frame
   * @param frames as long as they last
   */
  private record Route(IntFunction<? extends Action> actions, int frames) {}

  private Route route(ActionSpace space) {
    Optional<CameraSteering> camera = space.camera();
    if (camera.isEmpty()) {
      refuseWithoutCamera("--camera", steering.camera);
      refuseWithoutCamera("--camera-out", cameraOut);
      refuseWithoutCamera("--camera-strip", cameraStrip);
    } else if (steering.camera != null) {
      CameraPath path = cameraPath(steering.camera, camera.get());
      return new Route(camera.get().along(path), camera.get().frames(path));
    }
    Controls controls = space.controls();
    if (controls.keys().isEmpty() && steering.actions == null) {
      return new Route(_ -> controls.action(Set.of()), DEFAULT_FRAMES_OF_OTHER_MODELS);
    }
    String text =
        steering.actions == null
            ? defaultActions(controls)
            : TextArgument.of("--actions", steering.actions).text();
    ActionScript script = ActionScript.parse(text, controls);
    return new Route(script::at, script.frames());
  }

  private static void refuseWithoutCamera(String option, Object value) {
    if (value != null) {
      throw new UnusableInputException(
          option + ": the model has no camera; steer it with --actions");
    }
  }

  private static CameraPath cameraPath(String camera, CameraSteering steering) {
    TextArgument argument = TextArgument.of("--camera", camera);
    return argument.isFile(".json")
        ? CameraFile.read(argument.file())
        : steering.path(PoseString.parse(argument.text()));
  }

  private int framesWanted(WorldModel world, Route route) {
    if (length.frames != null) {
      return length.frames;
    }
    if (length.chunks != null) {
      long frames = 0;
      for (int chunk = 0; chunk < length.chunks; chunk++) {
        frames += world.framesOfChunk(chunk);
      }
      return Math.toIntExact(frames);
    }
    return steering.isGiven() || model == null ? route.frames() : DEFAULT_FRAMES_OF_OTHER_MODELS;
  }

  private String defaultActions(Controls controls) {
    return model == null ? DEMO_ACTIONS : controls.keys().keySet().iterator().next().toString();
  }

  /** The images to start from; none for a world that is made up. */
  private List<RgbImage> startImages(Path folder, StartRequirements requirements)
      throws IOException {
    if (image != null) {
      return List.of(RgbImage.read(image));
    }
    Path start = folder.resolve("start.png");
    boolean needed = requirements.minImages() > 0;
    if (!needed && (prompt != null || !Files.exists(start))) {
      return List.of();
    }
    if (!Files.exists(start)) {
      throw new UnusableInputException(
          folder + ": has no start.png to begin with; name an image with --image");
    }
    return List.of(RgbImage.read(start));
  }
}
