package dev.orrery.model.worldplay;

import dev.orrery.model.camera.Camera;
import dev.orrery.model.camera.CameraPath;
import dev.orrery.model.camera.InvalidCameraException;
import dev.orrery.model.camera.RigidTransform;
import dev.orrery.model.session.ChunkSession;
import dev.orrery.model.session.FrameDecoder;
import dev.orrery.model.session.GeneratedChunk;
import dev.orrery.model.session.SessionResources;
import dev.orrery.model.session.StepListener;
import dev.orrery.runtime.memory.SessionState;
import dev.orrery.runtime.trace.Trace;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A running world of WorldPlay: chunks of four latent frames; everything it made can be seen again
 * when the camera comes back.
 */
public final class WorldPlaySession extends ChunkSession<CameraAction> {
  private static final int FRAMES = MemoryRetrieval.CHUNK_FRAMES;

  private final WorldPlayLoop loop;
  private final int steps;
  private final PlayedPath path = new PlayedPath();

  /**
   * A session at chunk 0.
   *
   * @param resources whose arena is closed with the session
   * @param decoder at the start of its stream
   * @param loop at chunk 0, closed with the session
   * @param steps forward passes over a chunk
   */
  public WorldPlaySession(
      SessionResources resources, FrameDecoder decoder, WorldPlayLoop loop, int steps) {
    super(resources, "WorldPlay", CameraAction.class, decoder, loop.latents());
    this.loop = loop;
    this.steps = steps;
  }

  /**
   * Video frames that a chunk has: its latent frames four each, but the very first one.
   *
   * @param chunk from 0
   */
  public static int framesOf(int chunk) {
    return CameraActionSpace.FRAMES_PER_POSE * FRAMES
        - (chunk == 0 ? CameraActionSpace.FRAMES_PER_POSE - 1 : 0);
  }

  @Override
  public Optional<CameraPath> cameraPath() {
    int frames = chunk() * FRAMES;
    return frames == 0
        ? Optional.empty()
        : Optional.of(new CameraPath(path.cameras().subList(0, frames)));
  }

  @Override
  protected int steps() {
    return steps;
  }

  @Override
  protected int framesOfChunk(int chunk) {
    return framesOf(chunk);
  }

  @Override
  protected GeneratedChunk generate(
      int chunk, List<CameraAction> actions, StepListener listener, Trace trace) {
    int first = chunk * FRAMES;
    // A chunk that was ended early is replaced.
    path.shorten(first);
    for (int f = 0; f < FRAMES; f++) {
      Camera before = path.frames() == 0 ? null : path.cameras().getLast();
      path.add(camera(before, actions.get(firstVideoFrame(chunk, f))));
    }
    return loop.generate(path, listener, trace);
  }

  /** Where a latent frame's first video frame stands among those of its chunk. */
  private static int firstVideoFrame(int chunk, int frame) {
    int early = chunk == 0 && frame > 0 ? CameraActionSpace.FRAMES_PER_POSE - 1 : 0;
    return CameraActionSpace.FRAMES_PER_POSE * frame - early;
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
    if (chunk() > CameraPath.MAX_FRAMES / FRAMES) {
      throw state.refusal("cameras", "expected those of fewer chunks than " + chunk());
    }
    int frames = chunk() * FRAMES;
    double[] values = new double[Math.min(frames, path.frames()) * Camera.VALUES];
    for (int i = 0; i < values.length; i += Camera.VALUES) {
      System.arraycopy(path.cameras().get(i / Camera.VALUES).values(), 0, values, i, Camera.VALUES);
    }
    double[] restored = state.doubles("cameras", values, frames * Camera.VALUES);
    path.shorten(0);
    for (int i = 0; i < restored.length; i += Camera.VALUES) {
      path.add(camera(Arrays.copyOfRange(restored, i, i + Camera.VALUES), state));
    }
    loop.visitState(state);
  }

  @Override
  protected void closeGenerator() {
    loop.close();
  }

  private static Camera camera(double[] values, SessionState.Visitor state) {
    try {
      return Camera.of(values);
    } catch (InvalidCameraException e) {
      throw state.refusal("cameras", e.getMessage());
    }
  }
}
