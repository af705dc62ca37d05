package dev.orrery.cli;

import dev.orrery.cli.video.VideoFormat;
import dev.orrery.cli.video.VideoSink;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.model.session.ActionScript;
import dev.orrery.model.session.Controls;
import dev.orrery.model.session.WorldModel;
import dev.orrery.model.session.WorldSession;
import dev.orrery.runtime.media.RgbImage;
import dev.orrery.weights.command.Interruption;
import dev.orrery.weights.command.ProgressReport;
import dev.orrery.weights.command.UnusableInputException;
import dev.orrery.weights.command.Version;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code orrery generate}. */
@Command(
    name = "generate",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    sortOptions = false,
    description = {
      "Continues a picture as a video while keys are held. Without options it walks through the demo"
          + " world and writes orrery.mp4. The same seed, picture and actions give the same video."
    },
    footer = {
      "",
      "Actions are entries such as w*12 or w+l*24: keys held together, joined by +, and for how many",
      "frames (12 if not said). Entries stand between blanks, commas or line ends; # begins a comment;",
      "the last entry stays held. One frame of video is one action.",
      "",
      "Keys of the demo world and other universal models:",
      "  w forward   s back   a left   d right   q nothing",
      "  i look up   k look down   j look left   l look right",
      "Other models name their keys when one is not known.",
      "",
      "Examples:",
      "  orrery generate",
      "  orrery generate --actions \"w*24 w+l*48\" --output walk.gif",
      "  orrery generate --image yard.jpg --actions @tour.txt --seed 7 --output tour.mp4",
      "  orrery generate --actions l --frames 300 --output turn-frames",
      "",
      "Exit codes: 0 done, 1 failed while running, 2 the options or files given cannot be used,",
      "130 interrupted. A failure leaves no video behind, not even a part of one."
    })
final class GenerateCommand implements Callable<Integer> {
  /** Around the courtyard of the demo world: eight seconds at 25 frames per second. */
  static final String DEMO_ACTIONS = "d*20 l*30 d*20 l*40 s*20 j*50 w*20";

  private static final int DEFAULT_FRAMES_OF_OTHER_MODELS = 36;
  private static final long MAX_SCRIPT_BYTES = 4_000_000;

  @Spec private CommandSpec spec;

  @Option(
      names = "--model",
      paramLabel = "DIR",
      description = "Folder of the model. Default: the demo world that comes with Orrery.")
  private Path model;

  @Option(
      names = "--image",
      paramLabel = "FILE",
      description =
          "Picture to start from: PNG, JPEG, WebP, GIF or BMP of any size; it is cropped and resized."
              + " Default: start.png of the model's folder.")
  private Path image;

  @Option(
      names = "--actions",
      paramLabel = "TEXT|@FILE",
      description =
          "Which keys are held, as text or in a file. Default: a tour of the demo world; for other"
              + " models their first key.")
  private String actions;

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
        names = "--blocks",
        paramLabel = "N",
        description = "Make N blocks, the steps in which the model works.")
    private Integer blocks;

    @Option(
        names = "--frames",
        paramLabel = "N",
        description = "Make N frames. Default: as long as the actions last.")
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
      names = "--fps",
      paramLabel = "N",
      defaultValue = "25",
      description = "Frames per second of the video, 1 to 120. Default: ${DEFAULT-VALUE}.")
  private int fps;

  @Option(
      names = "--backend",
      paramLabel = "auto|cpu|cuda|cuda:N|reference",
      defaultValue = "auto",
      description =
          "Where to compute: cuda is the first NVIDIA GPU, cuda:1 the second; cpu; reference is the"
              + " slow definition of every operation. auto, the default, takes the first GPU if it"
              + " can be used, else the CPU. A named backend is used or the command fails.")
  private String backendName;

  @Option(
      names = "--cublas",
      description = "On a GPU, let NVIDIA's library multiply matrices. Needs libcublas of CUDA 12.")
  private boolean cublas;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description =
          "Threads of the CPU that compute; the video does not depend on it. Default: one for each"
              + " processor.")
  private int threads = Runtime.getRuntime().availableProcessors();

  private final Environment environment;
  private final ProgressReport progress;
  private String noGpu = "";

  GenerateCommand(Environment environment) {
    this.environment = environment;
    this.progress = new ProgressReport(environment.console());
  }

  @Override
  public Integer call() throws IOException {
    checkRange("--fps", fps, 120);
    checkRange("--threads", threads, 1024);
    checkRange("--blocks", length.blocks == null ? 1 : length.blocks, 1_000_000);
    checkRange("--frames", length.frames == null ? 1 : length.frames, 10_000_000);
    Backends.check(backendName);
    VideoSink.Kind.of(output);
    Path folder = model == null ? environment.demo() : model;
    RgbImage start = startImage(folder);
    // Read before the weights are, which may take long.
    Controls controls = environment.models().controls(folder);
    String text = actions == null ? defaultActions(controls) : scriptText(actions);
    ActionScript script = ActionScript.parse(text, controls);
    try (Backend backend =
            Backends.open(backendName, cublas, threads, reason -> noGpu = "; " + reason);
        WorldModel world = environment.models().load(folder, backend, progress)) {
      generate(world, backend, start, script);
    } finally {
      progress.endBar();
    }
    return Orrery.DONE;
  }

  private void generate(WorldModel world, Backend backend, RgbImage start, ActionScript script)
      throws IOException {
    int frames = framesWanted(world, script);
    progress.line("model   %s (%s)".formatted(world.description(), place(backend)));
    progress.line("seed    " + seed);
    progress.line("output  %s, %d frames at %d per second".formatted(output, frames, fps));
    long nanos;
    try (VideoSink video =
            VideoSink.open(output, new VideoFormat(world.width(), world.height(), fps));
        Interruption interruption = new Interruption(video::close);
        WorldSession session = world.start(start, seed, progress)) {
      interruption.first(session::cancel);
      long before = System.nanoTime();
      session.rollout(script::at, frames, progress, video::write);
      nanos = System.nanoTime() - before;
      video.finish();
    }
    progress.line(
        String.format(
            Locale.ROOT,
            "%d frames in %.1f s, %.1f frames per second",
            frames,
            nanos / 1e9,
            frames * 1e9 / nanos));
    environment.out().println(output);
  }

  private int framesWanted(WorldModel world, ActionScript script) {
    if (length.frames != null) {
      return length.frames;
    }
    if (length.blocks != null) {
      long frames = 0;
      for (int block = 0; block < length.blocks; block++) {
        frames += world.framesOfBlock(block);
      }
      return Math.toIntExact(frames);
    }
    return actions == null && model != null ? DEFAULT_FRAMES_OF_OTHER_MODELS : script.frames();
  }

  private String defaultActions(Controls controls) {
    return model == null ? DEMO_ACTIONS : controls.keys().keySet().iterator().next().toString();
  }

  private RgbImage startImage(Path folder) throws IOException {
    if (image != null) {
      return RgbImage.read(image);
    }
    if (!Files.isDirectory(folder)) {
      throw new UnusableInputException(
          folder
              + ": expected a model folder, found "
              + (Files.exists(folder) ? "a file" : "nothing"));
    }
    Path start = folder.resolve("start.png");
    if (!Files.exists(start)) {
      throw new UnusableInputException(
          folder + ": has no start.png to begin with; name a picture with --image");
    }
    return RgbImage.read(start);
  }

  private static String scriptText(String actions) {
    if (!actions.startsWith("@")) {
      return actions;
    }
    if (actions.length() == 1) {
      throw new UnusableInputException("--actions: expected the name of a file after @");
    }
    Path file = Path.of(actions.substring(1));
    try {
      if (Files.size(file) > MAX_SCRIPT_BYTES) {
        throw new UnusableInputException(file + ": too long for an action script");
      }
      return Files.readString(file);
    } catch (CharacterCodingException e) {
      throw new UnusableInputException(file + ": not a text in UTF-8", e);
    } catch (IOException e) {
      String reason = Files.exists(file) ? "cannot be read" : "no such file";
      throw new UnusableInputException(file + ": " + reason, e);
    }
  }

  /** Where the model runs, and why not on a GPU if nobody asked for something else. */
  private String place(Backend backend) {
    return backend.usesHostMemory()
        ? backend.name() + ", " + threads + " threads" + noGpu
        : backend.name();
  }

  private void checkRange(String option, int value, int maximum) {
    if (value < 1 || value > maximum) {
      throw new ParameterException(
          spec.commandLine(), "%s: expected 1 to %d, found %d".formatted(option, maximum, value));
    }
  }
}
