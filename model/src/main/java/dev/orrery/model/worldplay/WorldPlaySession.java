package dev.orrery.model.worldplay;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.camera.Camera;
import dev.orrery.model.camera.CameraPath;
import dev.orrery.model.camera.RigidTransform;
import dev.orrery.model.session.Action;
import dev.orrery.model.session.BeforePass;
import dev.orrery.model.session.ChunkSession;
import dev.orrery.model.session.FrameDecoder;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.SessionMemory;
import dev.orrery.model.umt5.EncodedPrompt;
import dev.orrery.model.vae22.Vae22Config;
import dev.orrery.runtime.media.RgbImage;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.random.GaussianNoise;
import dev.orrery.runtime.trace.Trace;
import java.util.ArrayList;
import java.util.List;

/**
 * A running world of WorldPlay. Its blocks are chunks of four latent frames; everything it made can
 * be seen again when the camera comes back.
 */
public final class WorldPlaySession extends ChunkSession {
  /** Stream of the seed that the latent of the start image is drawn with; chunks have 0, 1, ... */
  private static final long PICTURE_STREAM = -2;

  private final ChunkGenerator generator;
  private final List<Camera> cameras = new ArrayList<>();

  private WorldPlaySession(
      Backend backend,
      TensorArena arena,
      ChunkGenerator generator,
      FrameDecoder decoder,
      Tensor decoding) {
    super(backend, arena, decoder, decoding);
    this.generator = generator;
  }

  /**
   * Encodes the start and makes the caches; everything a session ever needs on the backend is
   * allocated here.
   *
   * @param image the start image, or null to make the world up from the prompt alone
   */
  static WorldPlaySession start(
      Loaded model,
      SessionMemory memory,
      RgbImage image,
      EncodedPrompt prompt,
      long seed,
      Progress progress) {
    WorldPlayConfig config = model.config();
    Backend backend = model.backend();
    float[] picture = image == null ? null : latent(model, memory, image, seed, progress);
    TensorArena arena = backend.newArena();
    try (TensorArena temporary = backend.newArena()) {
      SessionMemory.Workspaces workspaces = memory.workspaces(arena);
      Tensor context = new StartEncoder(model).textContext(prompt, temporary, workspaces.passes());
      ChunkGenerator generator =
          model.newGenerator(
              context,
              picture,
              ViewOverlap.seeded(seed),
              (chunk, out) -> GaussianNoise.fill(seed, chunk, 0, out),
              arena,
              workspaces.passes());
      backend.synchronize();
      return new WorldPlaySession(
          backend,
          arena,
          generator,
          model.newDecoder(arena, workspaces.decodes()),
          memory.overlapped() ? config.emptyLatents(arena) : null);
    } catch (RuntimeException | Error e) {
      arena.close();
      throw e;
    }
  }

  private static float[] latent(
      Loaded model, SessionMemory memory, RgbImage image, long seed, Progress progress) {
    WorldPlayConfig config = model.config();
    Backend backend = model.backend();
    progress.report("encoding the image", 0, 1);
    Tensor picture = StartPicture.prepare(image, config.height(), config.width(), backend);
    float[] noise =
        new float[config.latentHeight() * config.latentWidth() * config.dit().channels()];
    GaussianNoise.fill(seed, PICTURE_STREAM, 0, noise);
    try (TensorArena temporary = backend.newArena()) {
      Workspace workspace = Workspace.of(temporary, memory.startWorkspace());
      float[] latent = new StartEncoder(model).latent(picture, noise, temporary, workspace);
      progress.report("encoding the image", 1, 1);
      return latent;
    }
  }

  /**
   * The cameras of all chunks made so far, one for each latent frame.
   *
   * @throws IllegalStateException if none was made yet
   */
  public CameraPath path() {
    if (chunk() == 0) {
      throw new IllegalStateException("path: expected after the first block");
    }
    return new CameraPath(cameras.subList(0, chunk() * ChunkGenerator.FRAMES));
  }

  @Override
  protected int passes() {
    return generator.passes();
  }

  @Override
  protected int framesOfChunk(int block) {
    return WorldPlayConfig.framesOfChunk(block);
  }

  @Override
  protected Tensor generate(
      int block, List<? extends Action> frameActions, BeforePass before, Trace trace) {
    int first = block * ChunkGenerator.FRAMES;
    List<Camera> known = cameras.subList(0, first);
    List<Camera> added = new ArrayList<>();
    Camera last = known.isEmpty() ? null : known.getLast();
    for (int f = 0; f < ChunkGenerator.FRAMES; f++) {
      last = camera(last, frameActions.get(firstVideoFrame(block, f)));
      added.add(last);
    }
    // A chunk that was ended early is replaced.
    cameras.subList(first, cameras.size()).clear();
    cameras.addAll(added);
    CameraPath path = new CameraPath(cameras);
    return generator.generate(path, ActionLabels.of(path), before, trace);
  }

  /** Where a latent frame's first video frame stands among those of its chunk. */
  private static int firstVideoFrame(int chunk, int frame) {
    int early = chunk == 0 && frame > 0 ? Vae22Config.TEMPORAL_RATIO - 1 : 0;
    return Vae22Config.TEMPORAL_RATIO * frame - early;
  }

  /**
   * The camera of a latent frame.
   *
   * @param before that of the latent frame before, or null
   */
  private static Camera camera(Camera before, Action action) {
    return switch (action) {
      case CameraAction.At(Camera camera) -> camera;
      case CameraAction.Move _ when before == null ->
          new Camera(RigidTransform.IDENTITY, CameraMotion.INTRINSICS);
      case CameraAction.Move(var moves) ->
          new Camera(CameraMotion.move(before.worldFromCamera(), moves), before.intrinsics());
      default ->
          throw new IllegalArgumentException(
              "actions: expected those of WorldPlay, found " + action);
    };
  }
}
