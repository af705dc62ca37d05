package dev.orrery.benchmarks;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.model.Families;
import dev.orrery.model.family.ModelFolder;
import dev.orrery.model.family.Prompts;
import dev.orrery.model.family.StartFiles;
import dev.orrery.model.session.Action;
import dev.orrery.model.session.ActionSpace;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.Start;
import dev.orrery.model.session.StartRequirements;
import dev.orrery.model.session.VideoFrames;
import dev.orrery.model.session.WorldModel;
import dev.orrery.model.session.WorldSession;
import dev.orrery.model.text.EncodedPrompt;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;

/** A model of any family with what its folder holds to begin with, and an action to hold. */
final class OpenedModel implements AutoCloseable {
  static final long SEED = 42;

  /** The demo world, as seen from the root of the checkout. */
  static final Path DEMO = Path.of("models/demo-world");

  private static final String FORWARD = "w";
  private static final String PROMPT = "A castle by a lake";

  private final Backend backend;
  private final WorldModel model;
  private final Start start;
  private final Action held;

  private OpenedModel(Backend backend, WorldModel model, Start start) {
    this.backend = backend;
    this.model = model;
    this.start = start;
    this.held = held(model.actionSpace());
  }

  /**
   * Loads a model.
   *
   * @param folder of the model, with a start
   * @param threads of the CPU to compute with
   */
  static OpenedModel open(String folder, int threads) throws IOException {
    return open(
        Families.ALL.open(Path.of(folder)), Path.of(folder), CpuBackend.simd(threads), SEED);
  }

  /**
   * Loads a model.
   *
   * @param folder of the model, with a start
   * @param backend to compute with, which is closed with the model
   * @param seed of its worlds
   */
  static OpenedModel open(ModelFolder opened, Path folder, Backend backend, long seed)
      throws IOException {
    StartRequirements required = opened.startRequirements();
    Start start =
        StartFiles.stored(folder, required).orElseGet(StartFiles::none).read(required, seed);
    Start prompted =
        opened.prompts().map(it -> prompt(it, backend)).map(start::prompted).orElse(start);
    return new OpenedModel(backend, opened.load(backend, Progress.NONE), prompted);
  }

  private static EncodedPrompt prompt(Prompts prompts, Backend backend) {
    return prompts.hasStored() ? prompts.stored() : prompts.encode(PROMPT, backend);
  }

  /** Forward where there is such a key; else what happens while nobody steers. */
  private static Action held(ActionSpace space) {
    return space.controls().keys().containsKey(FORWARD)
        ? space.controls().action(Set.of(FORWARD))
        : space.action(space.rest());
  }

  /** The model, which is closed with this. */
  WorldModel model() {
    return model;
  }

  /** What the model computes with. */
  Backend backend() {
    return backend;
  }

  /** The action that is held. */
  Action held() {
    return held;
  }

  /** A new world. */
  WorldSession start() {
    return model.start(start);
  }

  /** A world that was saved. */
  WorldSession resume(Path file) {
    return model.resume(file);
  }

  /** Makes the next chunk of a world. */
  VideoFrames step(WorldSession session) {
    return session.step(held);
  }

  @Override
  public void close() {
    model.close();
    backend.close();
  }
}
