package dev.orrery.model.vid2world;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.golden.Golden;
import dev.orrery.model.golden.SpoiltWeights;
import dev.orrery.model.sampling.NoiseSource;
import dev.orrery.runtime.checkpoint.JsonValue;
import dev.orrery.runtime.trace.Trace;
import java.util.HashMap;
import java.util.Map;

/** A fixture's frames made by the sampler with the draws of the reference. */
final class SamplerFixture implements AutoCloseable {
  private static final int FRAMES_PER_SECOND = 3;

  final UnetFixture fixture;
  final Vid2WorldSampling sampling;
  final FrameSampler sampler;
  final LatentWindow window;

  /** Frames of the past in the beginning, and those that are made. */
  final int past;

  final int made;
  private final Map<Long, float[]> draws = new HashMap<>();

  SamplerFixture(Golden.Arguments arguments) {
    this(arguments, sampling(arguments), arguments.backend());
  }

  /**
   * A sampler.
   *
   * @param sampling what may be another than the fixture's
   * @param backend is closed with the fixture
   */
  SamplerFixture(Golden.Arguments arguments, Vid2WorldSampling sampling, Backend backend) {
    fixture = new UnetFixture(arguments, backend, SpoiltWeights.Change.NONE);
    this.sampling = sampling;
    Golden golden = fixture.golden;
    past = golden.tensor("inputs.z_history").size(2);
    // Where there is only one, draws are those of all frames of its window.
    made = golden.config().integer("frames") - past;
    for (int frame = 0; frame < made; frame++) {
      record(frame, golden.has("outputs.v_first15"));
    }
    NoiseSource noise = (stream, out) -> System.arraycopy(draws.get(stream), 0, out, 0, out.length);
    window =
        new LatentWindow(
            fixture.config,
            past + made,
            new ZeroSnrSchedule().alphaBar(sampling.historyTimestep()),
            backend,
            fixture.arena);
    sampler =
        new FrameSampler(
            fixture.unet,
            sampling,
            golden.config().integer("fs", FRAMES_PER_SECOND),
            window,
            Golden.resources(backend, noise));
    window.fill(golden.channelsLast("inputs.z_history").toFloats(), past, sampler.draws(0));
  }

  static Vid2WorldSampling sampling(Golden.Arguments arguments) {
    try (Golden golden = arguments.golden()) {
      JsonValue json = golden.config();
      return new Vid2WorldSampling(
          json.integer("ddim_steps"),
          json.number("eta"),
          json.number("guidance"),
          json.number("guidance_rescale"));
    }
  }

  private void record(int frame, boolean growing) {
    int newest = growing ? frame : past;
    put(frame, FrameDraws.Kind.START, fixture.golden.channelsLast("inputs.x_T").row(newest));
    put(frame, FrameDraws.Kind.HISTORY, fixture.golden.channelsLast("inputs.history_noise"));
    put(
        frame,
        FrameDraws.Kind.HISTORY_LAST,
        growing
            ? fixture.part("inputs.history_noise_last", frame)
            : fixture.golden.channelsLast("inputs.history_noise_last"));
    for (int step = 0; step < sampling.steps(); step++) {
      Tensor drawn =
          growing
              ? fixture.part("inputs.step_noise", frame, step).row(0)
              : fixture.part("inputs.step_noise", step, 0).row(newest);
      draws.put(FrameDraws.stream(frame, step), drawn.toFloats());
    }
  }

  private void put(int frame, FrameDraws.Kind kind, Tensor values) {
    draws.put(FrameDraws.stream(frame, kind), values.toFloats());
  }

  /** The latents of all frames that are made, {@code [made, y, x, 4]}. */
  float[] make(Trace trace) {
    int size = fixture.config.rows() * fixture.config.columns() * 4;
    float[] latents = new float[made * size];
    UnetContext acting = fixture.context("inputs.context");
    Tensor first = fixture.latents("inputs.concat").slice(0, 1);
    UnetContext idle = fixture.context("inputs.uncond_context");
    for (int frame = 0; frame < made; frame++) {
      Tensor actions = fixture.frames(past + frame + 1).actions();
      FrameCondition condition = new FrameCondition(actions, first, acting, idle);
      sampler.make(condition, sampler.draws(frame), (i, n) -> {}, trace.at("frame" + frame));
      float[] newest = Golden.floats(fixture.backend, window.newest());
      System.arraycopy(newest, 0, latents, frame * size, size);
      window.keep();
    }
    return latents;
  }

  /** What the reference made, {@code [made, y, x, 4]}. */
  float[] expected() {
    Tensor stored = fixture.golden.channelsLast("outputs.ar_latents");
    return stored.slice(stored.size(0) - made, stored.size(0)).toFloats();
  }

  @Override
  public void close() {
    fixture.close();
  }
}
