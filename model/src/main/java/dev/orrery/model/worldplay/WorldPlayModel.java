package dev.orrery.model.worldplay;

import dev.orrery.model.family.CheckpointModel;
import dev.orrery.model.family.VideoShape;
import dev.orrery.model.family.WeightFiles;
import dev.orrery.model.session.ActionSpace;
import dev.orrery.model.session.FrameDecoder;
import dev.orrery.model.session.LatentDecoder;
import dev.orrery.model.session.SessionResources;
import dev.orrery.model.wan.WanDecoders;
import dev.orrery.model.wan.WanFrameDecoder;
import dev.orrery.runtime.checkpoint.JsonValue;
import dev.orrery.runtime.media.RgbImage;
import dev.orrery.runtime.memory.SessionState;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * What the WorldPlays of all sizes have in common as models: the cameras as actions, chunks of four
 * latent frames, all of which may be remembered, and where the configuration lies.
 *
 * @param <N> the networks that a session needs
 * @param <C> what the start says to all chunks
 */
public abstract class WorldPlayModel<N, C extends SessionState.Part> extends CheckpointModel<N, C> {
  private static final ActionSpace ACTIONS = new CameraActionSpace();
  private static final String CONFIG = "config.json";
  private static final int SECONDS_PER_HOUR = 3600;

  private final String family;
  private final VideoShape video;
  private final WanDecoders decoders;

  /**
   * @param folder where the configuration lies
   * @param family its id
   * @param video size and rate of the video
   * @param decoders what can make the frames
   */
  protected WorldPlayModel(Path folder, String family, VideoShape video, WanDecoders decoders) {
    super(folder);
    this.family = family;
    this.video = video;
    this.decoders = decoders;
  }

  /**
   * Where the weights of the tiny decoder may lie.
   *
   * @param stem their name as they were published
   */
  protected static WeightFiles tinyDecoderFiles(Path folder, String stem) {
    return WanDecoders.files(List.of(folder), List.of(stem), "docs/models/worldplay.md");
  }

  /** Whether a folder says that it holds a model of a family. */
  public static boolean isModel(Path folder, String family) {
    Path config = folder.resolve(CONFIG);
    return Files.isRegularFile(config)
        && JsonValue.read(config).string("family", "").equals(family);
  }

  /** Values of a latent frame. */
  protected abstract long latentValues();

  @Override
  public final ActionSpace actionSpace() {
    return ACTIONS;
  }

  @Override
  public final VideoShape video() {
    return video;
  }

  /** What can make the frames. */
  protected final WanDecoders decoders() {
    return decoders;
  }

  @Override
  public final LatentDecoder decoder() {
    return decoders.used();
  }

  @Override
  public final Optional<WeightFiles> tinyDecoder() {
    return Optional.of(decoders.tinyFiles());
  }

  @Override
  public final int framesOfChunk(int chunk) {
    return WorldPlaySession.framesOf(chunk);
  }

  @Override
  protected final String family() {
    return family;
  }

  @Override
  protected final List<Path> configurations() {
    return List.of(
        folder().resolve(CONFIG),
        folder().resolve("transformer").resolve(CONFIG),
        folder().resolve("vae").resolve(CONFIG));
  }

  /**
   * A session at chunk 0.
   *
   * @param decoder latents to pixels
   * @param loop closed with the session
   */
  protected final WorldPlaySession newSession(
      SessionResources resources, WanFrameDecoder.Network decoder, WorldPlayLoop loop) {
    FrameDecoder frames = new WanFrameDecoder(decoder, resources, video.height(), video.width());
    return new WorldPlaySession(resources, frames, loop, steps());
  }

  /** A picture of the size of the video. */
  protected final RgbImage plannedPicture() {
    int bytes = Math.multiplyExact(3, Math.multiplyExact(video.height(), video.width()));
    return new RgbImage(video.width(), video.height(), new byte[bytes]);
  }

  /** All latents, as they are remembered. */
  @Override
  protected final long scratchPerHour() {
    int chunks = Math.ceilDiv(SECONDS_PER_HOUR * video.framesPerSecond(), framesOfChunk(1));
    return chunks * MemoryRetrieval.CHUNK_FRAMES * latentValues() * Float.BYTES;
  }
}
