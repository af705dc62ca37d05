package dev.orrery.model.vid2world;

import dev.orrery.model.clip.ImageEncoderConfig;
import dev.orrery.model.klvae.KlVaeConfig;
import dev.orrery.model.session.ActionSpace;
import dev.orrery.runtime.checkpoint.CheckpointException;
import dev.orrery.runtime.checkpoint.JsonValue;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Locale;

/**
 * Everything about a model but its weights.
 *
 * @param unet sizes of the U-Net
 * @param vae sizes of the autoencoder
 * @param context sizes of what is told of the first picture of a window
 * @param sampling how a frame is sampled
 * @param actions what people can do
 * @param frames of a window and of a second
 * @param history what is kept of the past
 * @param posterior how latents are taken from what the encoder says
 */
record Vid2WorldConfig(
    UnetConfig unet,
    KlVaeConfig vae,
    Context context,
    Vid2WorldSampling sampling,
    ActionSpace actions,
    Frames frames,
    History history,
    Posterior posterior) {
  static final String FAMILY = "vid2world";

  /** The file of a folder that says all this. */
  static final String FILE = "config.json";

  /** Far beyond every released window. */
  private static final int MOST_FRAMES = 64;

  private static final int LEAST_FRAMES = 2;
  private static final int RELEASED_FRAMES_PER_SECOND = 3;
  private static final int MOST_FRAMES_PER_SECOND = 120;

  /**
   * Numbers of frames.
   *
   * @param window frames that the U-Net sees at once, with the one that is made
   * @param told frames per second that the U-Net is told
   * @param perSecond frames of a second of video
   */
  record Frames(int window, int told, int perSecond) {}

  /**
   * Sizes of what makes tokens of a picture.
   *
   * @param tower the image encoder
   * @param resampler from its tokens to those that frames attend to
   */
  record Context(ImageEncoderConfig tower, ResamplerConfig resampler) {
    private static final int MOST = 1 << 12;

    private static Context read(JsonValue json, UnetConfig unet) {
      ImageEncoderConfig tower =
          ImageEncoderConfig.vitHuge14(ImageEncoderConfig.VIT_HUGE_14_BLOCKS);
      if (json.has("image_encoder")) {
        tower = tower(json.get("image_encoder"));
      }
      JsonValue resampler =
          json.has("resampler")
              ? json.get("resampler")
              : JsonValue.parse(json.source(), "{}".getBytes(StandardCharsets.UTF_8));
      return new Context(tower, ResamplerConfig.read(resampler, tower.dim(), unet.contextDim()));
    }

    private static ImageEncoderConfig tower(JsonValue json) {
      for (String key : json.keys()) {
        if (json.positive(key) > MOST) {
          throw json.get(key).unexpected("at most " + MOST);
        }
      }
      try {
        return new ImageEncoderConfig(
            json.positive("image_size"),
            json.positive("patch_size"),
            json.positive("dim"),
            json.positive("num_heads"),
            json.positive("num_layers"));
      } catch (IllegalArgumentException e) {
        throw new CheckpointException(json.source(), e.getMessage(), e);
      }
    }
  }

  /** What is kept of the past. */
  enum History {
    /** Pictures, all of which are encoded again for each new frame; the window slides. */
    PIXELS(10),
    /** Latents, as they were made; the window grows from the start's frames. */
    LATENTS(16);

    private final int releasedWindow;

    History(int releasedWindow) {
      this.releasedWindow = releasedWindow;
    }

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** How latents are taken from what the encoder says. */
  enum Posterior {
    /** Drawn, as the reference does. */
    SAMPLE,
    /** The most likely ones. */
    MEAN;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** Whether a folder has the configuration of a model of this family. */
  static boolean isModel(Path folder) {
    Path file = folder.resolve(FILE);
    return Files.isRegularFile(file) && JsonValue.read(file).string("family", "").equals(FAMILY);
  }

  /**
   * Reads the configuration of a folder.
   *
   * @throws dev.orrery.runtime.checkpoint.CheckpointException if there is none, or it describes no
   *     model
   */
  static Vid2WorldConfig read(Path folder) {
    return read(JsonValue.read(folder.resolve(FILE)));
  }

  /** Reads a configuration; what is missing is as released for Counter-Strike. */
  static Vid2WorldConfig read(JsonValue json) {
    if (!json.string("family", FAMILY).equals(FAMILY)) {
      throw json.get("family").unexpected(FAMILY);
    }
    UnetConfig unet = json.has("unet") ? UnetConfig.read(json.get("unet")) : UnetConfig.RELEASED;
    KlVaeConfig vae =
        json.has("autoencoder")
            ? KlVaeConfig.read(json.get("autoencoder"))
            : KlVaeConfig.released();
    if (vae.latentChannels() != UnetConfig.LATENT_CHANNELS) {
      throw json.get("autoencoder")
          .get("z_channels")
          .unexpected(UnetConfig.LATENT_CHANNELS + ", as the U-Net has them");
    }
    History history = choice(json, "history", History.PIXELS);
    Frames frames =
        new Frames(
            number(json, "window", history.releasedWindow, LEAST_FRAMES, MOST_FRAMES),
            number(json, "fs", RELEASED_FRAMES_PER_SECOND, 1, MOST_FRAMES_PER_SECOND),
            number(
                json, "frames_per_second", RELEASED_FRAMES_PER_SECOND, 1, MOST_FRAMES_PER_SECOND));
    return new Vid2WorldConfig(
        unet,
        vae,
        Context.read(json, unet),
        Vid2WorldSampling.read(json),
        actions(json, unet),
        frames,
        history,
        choice(json, "posterior", Posterior.SAMPLE));
  }

  /** The actions that a U-Net was trained with, told by how many numbers one has. */
  static ActionSpace actions(JsonValue json, UnetConfig unet) {
    return unet.actionDim() == UnetConfig.CSGO_ACTION_DIM
        ? CsgoActionSpace.INSTANCE
        : RobotActionSpace.read(json, unet.actionDim());
  }

  private static int number(JsonValue json, String key, int released, int least, int most) {
    int value = json.integer(key, released);
    if (value < least || value > most) {
      throw json.get(key).unexpected(least + " to " + most);
    }
    return value;
  }

  private static <E extends Enum<E>> E choice(JsonValue json, String key, E released) {
    E[] choices = released.getDeclaringClass().getEnumConstants();
    String name = json.string(key, released.toString());
    return Arrays.stream(choices)
        .filter(it -> it.toString().equals(name))
        .findFirst()
        .orElseThrow(
            () -> json.get(key).unexpected(choices[0] + " or " + choices[choices.length - 1]));
  }

  /** The same with another number of denoising steps. */
  Vid2WorldConfig withSteps(int count) {
    return new Vid2WorldConfig(
        unet, vae, context, sampling.withSteps(count), actions, frames, history, posterior);
  }

  /** Rows of a video frame. */
  int height() {
    return Math.multiplyExact(unet.rows(), vae.ratio());
  }

  /** Columns of a video frame. */
  int width() {
    return Math.multiplyExact(unet.columns(), vae.ratio());
  }

  /** Most frames of the past. */
  int past() {
    return frames.window() - 1;
  }

  /** What is done while nobody steers. */
  Vid2WorldAction rest() {
    return (Vid2WorldAction) actions.action(actions.rest());
  }
}
