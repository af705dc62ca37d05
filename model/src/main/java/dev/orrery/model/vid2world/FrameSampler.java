package dev.orrery.model.vid2world;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.sampling.LinearCombination;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.sampling.NoiseSource;
import dev.orrery.model.sampling.PassRunner;
import dev.orrery.model.session.SessionResources;
import dev.orrery.model.session.StepListener;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;
import java.util.Arrays;
import java.util.List;

/**
 * The denoising loop of one frame, the last of a window.
 *
 * <pre>
 * x = noise
 * for each step:  a = U-Net(past, x, all actions);  b = U-Net(past, x, all but the newest frame's)
 *                 v = (b + guidance (a - b)) * factor;  x = DDIM step of x, v and noise
 * </pre>
 *
 * <p>The passes predict all frames of the window, whose spread the factor needs; only the last one
 * is changed.
 *
 * <p>Source: the causal action guidance of Vid2World and DynamiCrafter's {@code ddim.py}.
 */
final class FrameSampler {
  private final VideoUnet unet;
  private final Vid2WorldSampling sampling;
  private final LatentWindow window;
  private final Backend backend;
  private final Workspace workspace;
  private final NoiseSource noise;
  private final PassRunner runner;
  private final LinearCombination combine;
  private final List<ZeroSnrSchedule.Step> steps;
  private final Tensor timesteps;
  private final Tensor framesPerSecond;
  private final Tensor acting;
  private final Tensor idle;
  private final Tensor drawn;

  /**
   * A loop.
   *
   * @param framesPerSecond what the network is told of the video
   * @param window whose newest frame is made
   */
  FrameSampler(
      VideoUnet unet,
      Vid2WorldSampling sampling,
      int framesPerSecond,
      LatentWindow window,
      SessionResources resources) {
    this.unet = unet;
    this.window = window;
    this.sampling = sampling;
    backend = resources.backend();
    workspace = resources.passes();
    noise = resources.noise();
    runner = new PassRunner(backend, noise);
    combine = backend.kernel(LinearCombination.class);
    steps = new ZeroSnrSchedule().ddim(sampling.steps(), sampling.eta());
    TensorArena arena = resources.arena();
    timesteps = arena.empty(DType.F32, window.capacity());
    this.framesPerSecond = arena.empty(DType.F32, 1);
    runner.upload(new float[] {framesPerSecond}, this.framesPerSecond);
    acting = window.like(window.capacity(), arena);
    idle = window.like(window.capacity(), arena);
    drawn = window.like(1, arena);
  }

  /** The draws of a frame. */
  FrameDraws draws(long chunk) {
    return new FrameDraws(runner, noise, chunk);
  }

  /** Forward passes for a frame. */
  int passes() {
    return sampling.passes();
  }

  /**
   * Makes the newest frame of the window. Until it is kept it can be made again.
   *
   * @param listener called before each pass
   */
  void make(FrameCondition condition, FrameDraws draws, StepListener listener, Trace trace) {
    window.begin(draws);
    int frames = window.past() + 1;
    Tensor a = acting.slice(0, frames);
    Tensor b = idle.slice(0, frames);
    boolean[] all = new boolean[frames];
    Arrays.fill(all, true);
    boolean[] past = all.clone();
    past[frames - 1] = false;
    for (int i = 0; i < steps.size(); i++) {
      uploadTimesteps(frames, steps.get(i).timestep());
      Trace inside = trace.at("step" + i);
      listener.beforeStep(2 * i, sampling.passes());
      runner.run(() -> pass(condition, all, a, inside.at("acting")), inside);
      listener.beforeStep(2 * i + 1, sampling.passes());
      runner.run(() -> pass(condition, past, b, inside.at("idle")), inside);
      draws.draw(i, drawn);
      double factor = sampling.factor(host(a), host(b));
      ZeroSnrSchedule.Step step = steps.get(i);
      runner.run(() -> update(step, factor, a, b), inside);
      inside.tap("velocity", a);
      inside.tap("latents", window.newest());
    }
    listener.beforeStep(sampling.passes(), sampling.passes());
  }

  private void uploadTimesteps(int frames, int newest) {
    float[] values = new float[frames];
    Arrays.fill(values, sampling.historyTimestep());
    values[frames - 1] = newest;
    runner.upload(values, timesteps.slice(0, frames));
  }

  /**
   * Predicts a velocity.
   *
   * @param acts whose actions are told; the context is that of the pass that knows all or not
   */
  private void pass(FrameCondition condition, boolean[] acts, Tensor velocity, Trace trace) {
    UnetFrames frames =
        new UnetFrames(timesteps.slice(0, acts.length), framesPerSecond, condition.actions(), acts);
    UnetContext context = acts[acts.length - 1] ? condition.acting() : condition.idle();
    unet.forward(window.seen(), condition.first(), frames, context, workspace, velocity, trace);
  }

  /** Leaves the guided velocity in a, and makes a step of the newest frame. */
  private void update(ZeroSnrSchedule.Step step, double factor, Tensor a, Tensor b) {
    double guidance = sampling.guidance();
    combine.run(factor * guidance, a, factor * (1 - guidance), b, a);
    Tensor x = window.newest();
    Tensor velocity = a.slice(a.size(0) - 1L, a.size(0));
    combine.run(step.sample(), x, step.velocity(), velocity, step.noise(), drawn, x);
  }

  private float[] host(Tensor velocity) {
    float[] values = new float[Math.toIntExact(velocity.elements())];
    backend.copy(velocity, Tensor.of(values, velocity.shape().extents()));
    backend.synchronize();
    return values;
  }
}
