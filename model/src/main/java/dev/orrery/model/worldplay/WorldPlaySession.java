package dev.orrery.model.worldplay;

import dev.orrery.model.camera.Camera;
import dev.orrery.model.camera.CameraPath;
import dev.orrery.model.camera.InvalidCameraException;
import dev.orrery.model.camera.RigidTransform;
import dev.orrery.model.session.ChunkSession;
import dev.orrery.model.session.GeneratedChunk;
import dev.orrery.model.session.SessionResources;
import dev.orrery.model.session.StepListener;
import dev.orrery.model.vae22.Vae22Config;
import dev.orrery.model.wan.WanFrameDecoder;
import dev.orrery.runtime.memory.SessionState;
import dev.orrery.runtime.trace.Trace;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A running world of WorldPlay: chunks of four latent frames; everything it made can be seen again
 * when the camera comes back.
 */
final class WorldPlaySession extends ChunkSession<CameraAction> {
  private final WorldPlayGenerator generator;
  private final PlayedPath path = new PlayedPath();

  /** A session at chunk 0. */
  WorldPlaySession(
      WorldPlayConfig config,
      WorldPlayNetworks networks,
      WorldPlayCondition condition,
      SessionResources resources) {
    this(
        config,
        networks,
        resources,
        new WorldPlayGenerator(
            config,
            networks.transformer(),
            condition,
            new MemoryRetrieval(FieldOfViewOverlap.seeded(resources.seed())),
            resources));
  }

  private WorldPlaySession(
      WorldPlayConfig config,
      WorldPlayNetworks networks,
      SessionResources resources,
      WorldPlayGenerator generator) {
    super(
        resources,
        "WorldPlay",
        CameraAction.class,
        new WanFrameDecoder(
            networks.vae().decoder()::decode, resources, config.height(), config.width()),
        generator.latents());
    this.generator = generator;
  }

  @Override
  public Optional<CameraPath> cameraPath() {
    int frames = chunk() * WorldPlayGenerator.FRAMES;
    return frames == 0
        ? Optional.empty()
        : Optional.of(new CameraPath(path.cameras().subList(0, frames)));
  }

  @Override
  protected int steps() {
    return WorldPlayGenerator.STEPS;
  }

  @Override
  protected int framesOfChunk(int chunk) {
    return WorldPlayConfig.framesOfChunk(chunk);
  }

  @Override
  protected GeneratedChunk generate(
      int chunk, List<CameraAction> actions, StepListener listener, Trace trace) {
    int first = chunk * WorldPlayGenerator.FRAMES;
    // A chunk that was ended early is replaced.
    path.shorten(first);
    for (int f = 0; f < WorldPlayGenerator.FRAMES; f++) {
      Camera before = path.frames() == 0 ? null : path.cameras().getLast();
      path.add(camera(before, actions.get(firstVideoFrame(chunk, f))));
    }
    return generator.generate(path, listener, trace);
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
  private static Camera camera(Camera before, CameraAction action) {
    return switch (action) {
      case CameraAction.At(Camera camera) -> camera;
      case CameraAction.Move _ when before == null ->
          new Camera(RigidTransform.IDENTITY, CameraMotion.INTRINSICS);
      case CameraAction.Move(var moves) ->
          new Camera(CameraMotion.move(before.worldFromCamera(), moves), before.intrinsics());
    };
  }

  @Override
  protected void visitGenerator(SessionState.Visitor state) {
    if (chunk() > CameraPath.MAX_FRAMES / WorldPlayGenerator.FRAMES) {
      throw state.refusal("cameras", "expected those of fewer chunks than " + chunk());
    }
    int frames = chunk() * WorldPlayGenerator.FRAMES;
    double[] values = new double[Math.min(frames, path.frames()) * Camera.VALUES];
    for (int i = 0; i < values.length; i += Camera.VALUES) {
      System.arraycopy(path.cameras().get(i / Camera.VALUES).values(), 0, values, i, Camera.VALUES);
    }
    double[] restored = state.doubles("cameras", values, frames * Camera.VALUES);
    path.shorten(0);
    for (int i = 0; i < restored.length; i += Camera.VALUES) {
      path.add(camera(Arrays.copyOfRange(restored, i, i + Camera.VALUES), state));
    }
    generator.visitState(state);
  }

  @Override
  protected void closeGenerator() {
    generator.close();
  }

  private static Camera camera(double[] values, SessionState.Visitor state) {
    try {
      return Camera.of(values);
    } catch (InvalidCameraException e) {
      throw state.refusal("cameras", e.getMessage());
    }
  }
}
