package dev.orrery.model.oasis;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.sampling.LinearCombination;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.golden.Golden;
import dev.orrery.model.sampling.NoiseSource;
import dev.orrery.model.sampling.SigmoidSchedule;
import dev.orrery.model.session.GeneratedChunk;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.SessionResources;
import dev.orrery.model.session.SharedStart;
import dev.orrery.model.session.StartResources;
import dev.orrery.model.session.StepListener;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.random.GaussianNoise;
import dev.orrery.runtime.trace.Trace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.stream.IntStream;

/** A world of random pictures, actions and noise, played with the networks alone. */
record OasisPlay(Backend backend, OasisNetworks networks, int promptFrames) {
  private static final NoiseSource NOISE = NoiseSource.seeded(7);
  private static final long PICTURES = 8;
  private static final long ACTIONS = 9;

  /** Told of the frames that are made. */
  interface Listener {
    /** The latent of a frame, those of the prompt not counted. */
    void made(int frame, float[] latent);
  }

  /** What is held during a frame: random switches and axes, and nothing in the prompt. */
  private OasisAction action(int frame) {
    if (frame < promptFrames) {
      return OasisAction.NONE;
    }
    float[] values = new float[OasisAction.NONE.values().length];
    GaussianNoise.fill(ACTIONS, frame, 0, values);
    for (int i = 0; i < values.length; i++) {
      String name = OasisActionSpace.ENTRIES.get(i);
      boolean axis =
          name.equals(OasisActionSpace.HORIZONTAL) || name.equals(OasisActionSpace.VERTICAL);
      values[i] = axis ? Math.clamp(values[i] / 3, -1, 1) : values[i] > 1 ? 1 : 0;
    }
    return new OasisAction(values);
  }

  private OasisStart start(OasisConfig config, SharedStart shared) {
    OasisVaeConfig vae = config.vae();
    OasisStart start = new OasisStart(config, shared.memory().arena());
    try (StartResources resources = shared.memory().encoding()) {
      start.encode(
          Collections.nCopies(promptFrames, OasisAction.NONE),
          frame -> {
            float[] pixels = new float[3 * vae.height() * vae.width()];
            GaussianNoise.fill(PICTURES, frame, 0, pixels);
            return Tensor.of(pixels, vae.height(), vae.width(), 3);
          },
          networks.vae(),
          resources,
          Progress.NONE);
    }
    return start;
  }

  /** Plays as a session does. */
  void play(OasisConfig config, int frames, Listener listener) {
    SharedStart shared = Golden.start(backend, NOISE);
    OasisStart start = start(config, shared);
    SessionResources resources = shared.newResources();
    OasisGenerator generator = new OasisGenerator(config, networks.transformer(), start, resources);
    for (int i = 0; i < frames; i++) {
      OasisAction action = action(promptFrames + i);
      GeneratedChunk made = generator.generate(i, action, StepListener.NONE, Trace.NONE);
      listener.made(i, Golden.floats(backend, made.decodable()).clone());
      made.completion().run();
    }
    resources.arena().close();
    shared.memory().release();
  }

  /**
   * Plays as the reference does, without caches: every step is a pass over all frames of the
   * window, whose positions count from its first one.
   */
  void playNaively(OasisConfig config, int frames, Listener listener) {
    SharedStart shared = Golden.start(backend, NOISE);
    List<float[]> latents = new ArrayList<>();
    Tensor ofStart = start(config, shared).latents();
    IntStream.range(0, promptFrames)
        .forEach(i -> latents.add(Golden.floats(backend, ofStart.row(i)).clone()));
    Workspace workspace = Workspace.of(shared.memory().arena(), Golden.AMPLE);
    for (int i = 0; i < frames; i++) {
      try (TensorArena arena = backend.newArena()) {
        latents.add(naively(config, latents, arena, workspace));
      }
      listener.made(i, latents.getLast());
    }
    shared.memory().release();
  }

  private float[] naively(
      OasisConfig config, List<float[]> before, TensorArena arena, Workspace workspace) {
    OasisTransformerConfig dit = config.dit();
    OasisTransformer transformer = networks.transformer();
    int newest = before.size();
    int first = Math.max(0, newest + 1 - dit.window());
    int count = newest + 1 - first;
    Tensor latents = arena.empty(DType.F32, count, dit.rows(), dit.columns(), dit.channels());
    Tensor actions = arena.empty(DType.F32, count, dit.actionDim());
    for (int i = 0; i < count; i++) {
      float[] values = action(first + i).values();
      backend.copy(Tensor.of(values, values.length), actions.row(i));
      if (i < count - 1) {
        Tensor row = latents.row(i);
        backend.copy(Tensor.of(before.get(first + i), row.shape().extents()), row);
      }
    }
    Tensor x = latents.row(count - 1);
    float[] noise = new float[Math.toIntExact(x.elements())];
    NOISE.fill(newest - promptFrames, noise);
    backend.copy(Tensor.of(noise, x.shape().extents()), x);
    Tensor velocity = arena.empty(DType.F32, latents.shape().extents());
    Tensor timesteps = arena.empty(DType.F32, count);
    OasisModulation modulation = transformer.newModulation(count, arena);
    OasisKvState kv = transformer.newKvState(count, arena);
    for (SigmoidSchedule.Step step : new SigmoidSchedule().ddim(config.steps())) {
      float[] told = new float[count];
      Arrays.fill(told, config.contextTimestep());
      told[count - 1] = step.timestep();
      backend.copy(Tensor.of(told, count), timesteps);
      transformer.modulate(timesteps, actions, workspace, modulation, Trace.NONE);
      Tensor rotary = transformer.windowRotary().slice(0, count);
      OasisFrames all = OasisFrames.after(0, modulation, rotary);
      transformer.forward(latents, all, kv, workspace, velocity, Trace.NONE);
      backend
          .kernel(LinearCombination.class)
          .run(step.sample(), x, step.velocity(), velocity.row(count - 1), x);
    }
    return Golden.floats(backend, x).clone();
  }
}
