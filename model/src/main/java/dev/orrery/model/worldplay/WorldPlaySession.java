package dev.orrery.model.worldplay;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.camera.Camera;
import dev.orrery.model.camera.CameraPath;
import dev.orrery.model.camera.RigidTransform;
import dev.orrery.model.session.ChunkSession;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.SessionResources;
import dev.orrery.model.session.Start;
import dev.orrery.model.session.StepListener;
import dev.orrery.model.vae22.Vae22Config;
import dev.orrery.model.wan.WanFrameDecoder;
import dev.orrery.runtime.memory.SessionState;
import dev.orrery.runtime.trace.Trace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A running world of WorldPlay: chunks of four latent frames; everything it made can be seen again
 * when the camera comes back.
 */
final class WorldPlaySession extends ChunkSession<CameraAction> {
  /** Stream of the seed that the latent of the start image is drawn with; chunks have 0, 1, ... */
  private static final long IMAGE_STREAM = -2;

  private final WorldPlayGenerator generator;
  private final List<Camera> cameras = new ArrayList<>();

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

  /**
   * Encodes the start and makes the caches.
   *
   * @param start with a prompt
   */
  static WorldPlaySession start(
      WorldPlayConfig config,
      WorldPlayNetworks networks,
      Start start,
      SessionResources resources,
      Progress progress) {
    Backend backend = resources.backend();
    WorldPlayStartEncoder encoder = new WorldPlayStartEncoder(config, networks, backend);
    try (SessionResources.Temporary temporary = resources.temporary()) {
      float[] image = null;
      if (!start.images().isEmpty()) {
        float[] noise =
            new float[config.latentHeight() * config.latentWidth() * config.dit().channels()];
        resources.noise().fill(IMAGE_STREAM, noise);
        progress.report("encoding the image", 0, 1);
        image = encoder.latent(start.images().getFirst(), noise, temporary);
        progress.report("encoding the image", 1, 1);
      }
      Tensor context =
          encoder.textContext(start.prompt().orElseThrow(), temporary.arena(), resources.passes());
      WorldPlayGenerator generator =
          new WorldPlayGenerator(
              config,
              networks.transformer(),
              new WorldPlayGenerator.Conditions(
                  context, image, new MemoryRetrieval(FieldOfViewOverlap.seeded(start.seed()))),
              resources);
      backend.synchronize();
      return new WorldPlaySession(config, networks, resources, generator);
    }
  }

  @Override
  public Optional<CameraPath> cameraPath() {
    int frames = chunk() * WorldPlayGenerator.FRAMES;
    return frames == 0 ? Optional.empty() : Optional.of(new CameraPath(cameras.subList(0, frames)));
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
  protected Tensor generate(
      int chunk, List<CameraAction> actions, StepListener listener, Trace trace) {
    int first = chunk * WorldPlayGenerator.FRAMES;
    // A chunk that was ended early is replaced.
    cameras.subList(first, cameras.size()).clear();
    for (int f = 0; f < WorldPlayGenerator.FRAMES; f++) {
      Camera before = cameras.isEmpty() ? null : cameras.getLast();
      cameras.add(camera(before, actions.get(firstVideoFrame(chunk, f))));
    }
    CameraPath path = new CameraPath(cameras);
    return generator.generate(path, ActionLabels.of(path), listener, trace);
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
    int frames = chunk() * WorldPlayGenerator.FRAMES;
    double[] values = new double[Math.min(frames, cameras.size()) * Camera.VALUES];
    for (int i = 0; i < values.length; i += Camera.VALUES) {
      System.arraycopy(cameras.get(i / Camera.VALUES).values(), 0, values, i, Camera.VALUES);
    }
    double[] restored = state.doubles("cameras", values);
    cameras.clear();
    for (int i = 0; i < restored.length; i += Camera.VALUES) {
      cameras.add(Camera.of(Arrays.copyOfRange(restored, i, i + Camera.VALUES)));
    }
    generator.visitState(state);
  }
}
