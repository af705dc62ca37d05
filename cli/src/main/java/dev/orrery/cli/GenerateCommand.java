package dev.orrery.cli;

import dev.orrery.cli.command.BackendOptions;
import dev.orrery.cli.command.Cancellation;
import dev.orrery.cli.command.ConsoleCommand;
import dev.orrery.cli.command.Interruption;
import dev.orrery.cli.command.OutputFile;
import dev.orrery.cli.command.UnusableInputException;
import dev.orrery.kernels.ChosenBackend;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.model.family.ModelFolder;
import dev.orrery.model.family.VideoShape;
import dev.orrery.model.session.ActionSpace;
import dev.orrery.model.session.WorldModel;
import dev.orrery.model.session.WorldSession;
import dev.orrery.video.FrameRate;
import dev.orrery.video.Scaling;
import dev.orrery.video.VideoFormat;
import dev.orrery.video.VideoSink;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code orrery generate}. */
@Command(
    name = "generate",
    synopsisHeading =
        "Examples:%n"
            + "  orrery generate%n"
            + "  orrery generate --actions \"w*24 w+l*48\" --output walk.gif%n"
            + "  orrery generate --actions l --frames 300 --output turn-frames%n%n"
            + "Usage: ",
    description = {
      "Continues an image as a video while keys are held or a camera moves. Without options it walks"
          + " through the demo world and writes orrery.mp4. The same seed, image, prompt and actions"
          + " give the same video."
    },
    footer = {
      "",
      "Actions are entries such as w*12 or w+l*24: what is held together, joined by +, and for how",
      "many frames (12 if not said). Entries stand between blanks, commas or line ends; # begins a",
      "comment; the last entry stays held. One frame of video is one action. What is held are keys,",
      "names of what a model can do, and values of axes: w+space*12, w+yaw=0.05*6. Recorded actions,",
      "in a file @NAME.json or @NAME.jsonl, are an object for each frame:",
      "  {\"keys\": [\"w\", \"space\"], \"axes\": {\"yaw\": 0.05}}",
      "A model that takes no actions goes on by itself, for as long as --frames or --chunks say.",
      "",
      "Keys of the demo world, other universal models and WorldPlay:",
      "  w forward   s back   a left   d right   q nothing",
      "  i look up   k look down   j look left   l look right",
      "Keys of Oasis: w s a d, space, shift, e, 1 to 9, q; and VPT's names such as sprint or attack;",
      "  look-x and look-y from -1 to 1 turn the camera. Actions may also be a recording of VPT.",
      "Its past is exact; with \"context\": \"ring\" in config.json it is approximate and faster.",
      "Genie takes actions by number, whose meaning nobody knows, or none at all.",
      "orrery info names the keys, names and axes of any model, and so does a wrong one.",
      "",
      "Camera paths, for WorldPlay, are moves and for how many latent frames (4 frames of video each):",
      "  w-31, right-4   w s a d: forward, back, left, right; right left up down: turn and look",
      "or a JSON file of poses; after its end the camera stands still.",
      "",
      "More examples:",
      "  orrery generate --image yard.jpg --actions @tour.txt --seed 7 --output tour.mp4",
      "  orrery generate --model oasis --image minecraft.png --actions \"w*40 w+look-x=0.2*20\"",
      "  orrery generate --save yard.safetensors --output first.mp4",
      "  orrery generate --resume yard.safetensors --actions l --output second.mp4",
      "  orrery generate --model worldplay-5b --prompt \"A castle by a lake\" \\",
      "    --camera \"w-15, right-16, left-16\" --camera-strip path.png",
      "",
      "Exit codes: 0 done, 1 failed while running, 2 the options or files given cannot be used,",
      "130 interrupted. A failure leaves no video behind, not even a part of one."
    })
final class GenerateCommand extends ConsoleCommand {
  /** Around the courtyard of the demo world: eight seconds at 25 frames per second. */
  static final String DEMO_ACTIONS = "d*20 l*30 d*20 l*40 s*20 j*50 w*20";

  /** Columns of the demo world's video, at least: those of a phone's screen held upright. */
  private static final int DEMO_WIDTH = 384;

  @Option(
      names = "--model",
      paramLabel = "DIR",
      description = "Folder of the model. Default: the demo world that comes with Orrery.")
  private Path model;

  @Mixin private StartOptions startOptions;

  @ArgGroup private Steering steering = new Steering();

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
      names = "--save",
      paramLabel = "FILE.safetensors",
      description =
          "Keep the world as it is in the end, for --resume. That is after whole chunks: frames of the"
              + " last chunk that are not in the video were made all the same. An existing file is"
              + " replaced when the new one is complete.")
  private Path save;

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
          "Frames per second of the video, 1 to 120, such as 25, 23.976 or 30000/1001. Default: what"
              + " the model's own videos have.")
  private String fps;

  @Option(
      names = "--scale",
      paramLabel = "N",
      description =
          "Make the video's frames N times larger in both directions, 1 to 16. Default: 1; for the"
              + " demo world as much as makes them 384 pixels wide.")
  private Integer scale;

  @Option(
      names = "--scaling",
      paramLabel = "nearest|lanczos",
      defaultValue = "lanczos",
      description =
          "What the new pixels are: squares of the old ones, or smooth. Default: ${DEFAULT-VALUE}.")
  private Scaling.Filter scaling;

  @Mixin private BackendOptions backendOptions;

  private final Environment environment;

  GenerateCommand(Environment environment) {
    super(environment.console());
    this.environment = environment;
  }

  @Override
  protected void run() throws IOException {
    checkRange("--scale", scale, Scaling.MAX_FACTOR);
    Optional<FrameRate> rate = Optional.ofNullable(fps).map(this::rate);
    checkRange("--chunks", length.chunks, 1_000_000);
    checkRange("--frames", length.frames, 10_000_000);
    startOptions.check();
    backendOptions.check();
    VideoSink.check(output);
    OutputFile.check("--save", save, ".safetensors");
    OutputFile.check("--camera-out", cameraOut, ".json");
    OutputFile.check("--camera-strip", cameraStrip, ".png");
    Path folder = model == null ? environment.demo() : model;
    // Everything that a user wrote is read before the weights are, which may take long.
    ModelFolder opened = startOptions.open(environment.families(), folder);
    if (opened.actionSpace().camera().isEmpty()) {
      Steering.refuseWithoutCamera("--camera-out", cameraOut);
      Steering.refuseWithoutCamera("--camera-strip", cameraStrip);
    }
    Beginning given = startOptions.read(folder, opened);
    Steering.Route route =
        steering.route(
            opened.actionSpace(),
            Optional.ofNullable(model == null ? DEMO_ACTIONS : null),
            given.chunk() > 0);
    requireLength(opened.actionSpace());
    VideoShape shape = opened.video();
    VideoFormat own =
        new VideoFormat(
            shape.width(),
            shape.height(),
            rate.orElseGet(() -> FrameRate.of(shape.framesPerSecond())));
    Scaling scaled = new Scaling(scale == null ? defaultScale(own) : scale, scaling);
    new OutputVideo(output, scaled).format(own);
    try (ChosenBackend chosen = backendOptions.open(progress()::line)) {
      Backend backend = chosen.backend();
      // Encoded before the model is loaded, the two never need memory at once.
      Beginning beginning = given.prepared(backend, progress());
      try (WorldModel world = opened.load(backend, progress())) {
        String described = world.description() + " (" + backendOptions.describe(chosen) + ")";
        progress().line("model   " + described);
        progress().line("seed    " + beginning.told());
        generate(world, beginning, route, own, scaled);
      }
    }
  }

  private void generate(
      WorldModel world, Beginning beginning, Steering.Route route, VideoFormat own, Scaling scaled)
      throws IOException {
    int frames = framesWanted(world, route, beginning.chunk());
    VideoFormat format = scaled.of(own);
    progress()
        .line(
            String.format(
                Locale.ROOT,
                "output  %s, %d frames of %dx%d at %s per second%s",
                output,
                frames,
                format.width(),
                format.height(),
                format.rate(),
                scaled.factor() == 1
                    ? ""
                    : String.format(
                        Locale.ROOT,
                        ", enlarged %d times; --scale 1 leaves them %dx%d",
                        scaled.factor(),
                        own.width(),
                        own.height())));
    long nanos;
    try (Interruption interruption = new Interruption();
        VideoSink video = interruption.open(() -> open(format, scaled), VideoSink::close);
        WorldSession session = beginning.begin(world, progress())) {
      interruption.first(session::cancel);
      Optional<CameraRecord> camera = cameraRecord(session, world.actionSpace(), frames);
      long before = System.nanoTime();
      session.rollout(
          route.actions(),
          frames,
          new TimeEstimate(progress(), frames),
          made -> {
            video.write(made);
            camera.ifPresent(record -> record.see(made));
          });
      nanos = System.nanoTime() - before;
      if (save != null) {
        save(session);
      }
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
    progress().line("next    " + next());
    printLine(output);
  }

  private VideoSink open(VideoFormat format, Scaling scaled) throws IOException {
    return scaled.into(VideoSink.open(output, format), backendOptions.threads());
  }

  /** A model that nobody can steer does not say when it has gone far enough. */
  private void requireLength(ActionSpace space) {
    if (space.isEmpty() && length.frames == null && length.chunks == null) {
      throw new UnusableInputException(
          "--frames: needed for a model that goes on by itself; or --chunks");
    }
  }

  private Optional<CameraRecord> cameraRecord(WorldSession session, ActionSpace space, int frames) {
    return cameraOut == null && cameraStrip == null
        ? Optional.empty()
        : space
            .camera()
            .map(
                it ->
                    new CameraRecord(cameraOut, cameraStrip, session, frames, it.framesPerPose()));
  }

  private void save(WorldSession session) {
    try (Cancellation cancellation = new Cancellation(progress())) {
      session.save(save, cancellation);
    }
    progress().line("saved   " + save + ", the world after " + session.chunk() + " chunks");
  }

  /** What else can be done, for one who has done this. */
  private String next() {
    if (save != null) {
      return "from there on: orrery generate "
          + (model == null ? "" : "--model " + model + " ")
          + "--resume "
          + save
          + " --output more.mp4";
    }
    if (startOptions.resumes()) {
      return "keep the world again with --save; orrery generate --help lists all";
    }
    return model == null && !steering.isGiven()
        ? "keys of your own: orrery generate --actions \"w*24 l*36 w+l*24\" --output walk.gif"
        : "the same in another world with --seed "
            + (startOptions.seed() + 1)
            + "; orrery generate --help lists all";
  }

  private FrameRate rate(String text) {
    try {
      return FrameRate.parse(text);
    } catch (IllegalArgumentException e) {
      throw misused("--fps: " + e.getMessage());
    }
  }

  /** The frames of the demo world are stamps; enlarged, they fill a phone's screen. */
  private int defaultScale(VideoFormat own) {
    return model == null
        ? Math.clamp(Math.ceilDiv(DEMO_WIDTH, own.width()), 1, Scaling.MAX_FACTOR)
        : 1;
  }

  /**
   * @param first the chunk that is made first
   */
  private int framesWanted(WorldModel world, Steering.Route route, int first) {
    if (length.frames != null) {
      return length.frames;
    }
    if (length.chunks != null) {
      long frames = 0;
      for (int chunk = 0; chunk < length.chunks; chunk++) {
        frames += world.framesOfChunk(first + chunk);
      }
      return Math.toIntExact(frames);
    }
    return steering.isGiven() || model == null ? route.frames() : Steering.DEFAULT_FRAMES;
  }
}
