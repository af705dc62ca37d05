package dev.orrery.model.oasis;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.golden.Golden;
import dev.orrery.model.layers.Parameters;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.SharedStart;
import dev.orrery.model.session.StartResources;
import dev.orrery.runtime.checkpoint.Weights;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;

/** A rollout that the reference made: networks with its weights, and what went in and came out. */
final class OasisRollout {
  final OasisConfig config;
  final OasisNetworks networks;
  final int promptFrames;

  /** Frames of the prompt and those that were made. */
  final int frames;

  private final Golden golden;
  private final Backend backend;

  /**
   * @param arena owner of the weights
   * @param change applied to the fixture's configuration; may not be about the sizes of weights
   */
  OasisRollout(
      Golden golden, Backend backend, TensorArena arena, UnaryOperator<OasisConfig> change) {
    this.golden = golden;
    this.backend = backend;
    int steps = golden.config().integer("ddim_steps");
    config = change.apply(OasisConfig.read(golden.config()).withSteps(steps));
    Weights ofDit = Weights.of(golden.weights("dit."));
    Weights ofVae = Weights.of(golden.weights("vae."));
    networks =
        new OasisNetworks(
            new OasisTransformer(Parameters.ofTransformer(ofDit, backend, arena), config.dit()),
            new OasisVae(Parameters.ofAutoencoder(ofVae, backend, arena), config.vae()));
    ofDit.finish();
    ofVae.finish();
    promptFrames = golden.config().integer("prompt_frames");
    frames = golden.config().integer("total_frames");
  }

  /** What the rollout starts from. */
  OasisStart encoded(SharedStart shared) {
    OasisStart start = new OasisStart(config, shared.memory().arena());
    try (StartResources resources = shared.memory().encoding()) {
      start.encode(
          actions().subList(0, promptFrames),
          this::prompt,
          networks.vae(),
          resources,
          Progress.NONE);
    }
    return start;
  }

  /** The values of one frame among those of all. */
  float[] part(float[] all, int frame) {
    int values = all.length / frames;
    return Arrays.copyOfRange(all, frame * values, (frame + 1) * values);
  }

  /** The values of the newest frame, in channels-last order, of a tensor of a window. */
  float[] lastFrame(String name) {
    OasisTransformerConfig dit = config.dit();
    float[] all = golden.floats(name);
    int values = dit.channels() * dit.rows() * dit.columns();
    float[] last = Arrays.copyOfRange(all, all.length - values, all.length);
    return Golden.framesChannelsLast(last, 1, dit.channels(), dit.rows(), dit.columns()).toFloats();
  }

  /** Latents as the decoder takes them. */
  float[] unscaled(Tensor latents) {
    float[] values = Golden.floats(backend, latents).clone();
    for (int i = 0; i < values.length; i++) {
      values[i] /= (float) config.latentScale();
    }
    return values;
  }

  /** What the reference drew for a frame that it made. */
  void noise(long chunk, float[] out) {
    OasisTransformerConfig dit = config.dit();
    float[] all = golden.floats("inputs.noise");
    int from = (int) chunk * out.length;
    float[] frame = Arrays.copyOfRange(all, from, from + out.length);
    float[] ordered =
        Golden.framesChannelsLast(frame, 1, dit.channels(), dit.rows(), dit.columns()).toFloats();
    System.arraycopy(ordered, 0, out, 0, out.length);
  }

  private Tensor prompt(int frame) {
    OasisVaeConfig vae = config.vae();
    float[] all = golden.floats("inputs.prompt");
    int values = 3 * vae.height() * vae.width();
    float[] pixels = Arrays.copyOfRange(all, frame * values, (frame + 1) * values);
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = pixels[i] * 2 - 1;
    }
    return Golden.framesChannelsLast(pixels, 1, 3, vae.height(), vae.width()).row(0);
  }

  /** What was held during each frame. */
  List<OasisAction> actions() {
    float[] all = golden.floats("inputs.actions");
    int entries = config.dit().actionDim();
    List<OasisAction> actions = new ArrayList<>();
    for (int from = 0; from < all.length; from += entries) {
      actions.add(new OasisAction(Arrays.copyOfRange(all, from, from + entries)));
    }
    return actions;
  }
}
