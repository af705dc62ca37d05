package dev.orrery.model.oasis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.golden.Golden;
import dev.orrery.model.layers.Parameters;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.SessionResources;
import dev.orrery.model.session.SharedStart;
import dev.orrery.model.session.StartResources;
import dev.orrery.model.session.StepListener;
import dev.orrery.model.session.VideoFrames;
import dev.orrery.runtime.checkpoint.Weights;
import dev.orrery.runtime.trace.ActivationTrace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Several frames in a row, further than the window reaches, with the noise of the reference. */
class OasisRolloutGoldenTest {
  /** Relative to the root mean square of each tensor. */
  private static final double LIMIT = 1e-4;

  static List<Golden.Arguments> cases() {
    return Golden.cases("oasis", "rollout");
  }

  @ParameterizedTest
  @MethodSource("cases")
  void everyFrameIsThatOfTheReference(Golden.Arguments arguments) {
    try (Golden golden = arguments.golden();
        Backend backend = arguments.backend();
        TensorArena arena = backend.newArena()) {
      OasisConfig config = OasisConfig.read(golden.config());
      Weights ofDit = Weights.of(golden.weights("dit."));
      Weights ofVae = Weights.of(golden.weights("vae."));
      OasisNetworks networks =
          new OasisNetworks(
              new OasisTransformer(Parameters.ofTransformer(ofDit, backend, arena), config.dit()),
              new OasisVae(Parameters.ofAutoencoder(ofVae, backend, arena), config.vae()));
      ofDit.finish();
      ofVae.finish();
      new Rollout(arguments, golden, backend, config, networks).run();
    }
  }

  private static final class Rollout {
    private final Golden.Arguments arguments;
    private final Golden golden;
    private final Backend backend;
    private final OasisConfig config;
    private final OasisNetworks networks;
    private final int promptFrames;

    Rollout(
        Golden.Arguments arguments,
        Golden golden,
        Backend backend,
        OasisConfig config,
        OasisNetworks networks) {
      this.arguments = arguments;
      this.golden = golden;
      this.backend = backend;
      this.config = config;
      this.networks = networks;
      promptFrames = golden.config().integer("prompt_frames");
    }

    void run() {
      int steps = golden.config().integer("ddim_steps");
      OasisConfig stepped = config.withSteps(steps);
      SharedStart shared = Golden.start(backend, this::noise);
      OasisStart start = new OasisStart(stepped, shared.arena());
      try (StartResources resources = shared.encoding()) {
        start.encode(
            actions().subList(0, promptFrames),
            this::prompt,
            networks.vae(),
            resources,
            Progress.NONE);
      }
      close("prompt_mean", golden.floats("outputs.prompt_mean"), unscaled(start.latents()));
      SessionResources resources = shared.newResources();
      OasisGenerator generator =
          new OasisGenerator(stepped, networks.transformer(), start, resources);
      OasisFrameDecoder decoder = new OasisFrameDecoder(stepped, networks.vae(), resources);
      List<float[]> latents = new ArrayList<>();
      for (int i = 0; i < promptFrames; i++) {
        latents.add(decoded(i, start.latents().slice(i, i + 1), decoder));
      }
      int total = golden.config().integer("total_frames");
      for (int frame = promptFrames; frame < total; frame++) {
        int chunk = frame - promptFrames;
        ActivationTrace trace = new ActivationTrace(backend);
        Tensor latent = generator.generate(chunk, actions().get(frame), StepListener.NONE, trace);
        for (int k = 0; k < steps; k++) {
          String call = "outputs.call%03d.".formatted(chunk * steps + k);
          close(call + "x", lastFrame(call + "x"), trace.values().get("step" + k + ".x"));
          close(call + "v", lastFrame(call + "v"), trace.values().get("step" + k + ".v"));
        }
        latents.add(decoded(frame, latent, decoder));
      }
      assertEquals(total, latents.size());
      resources.arena().close();
      shared.abandon();
    }

    /** Compares a frame's latent, as the decoder takes it, its pixels and its bytes. */
    private float[] decoded(int frame, Tensor latent, OasisFrameDecoder decoder) {
      float[] unscaled = unscaled(latent);
      close(
          "latents_over_scale " + frame,
          part(golden.floats("outputs.latents_over_scale"), frame),
          unscaled);
      ActivationTrace trace = new ActivationTrace(backend);
      VideoFrames video = decoder.decode(latent, trace);
      OasisVaeConfig vae = config.vae();
      float[] expected =
          Golden.framesChannelsLast(
                  part(golden.floats("outputs.decoded"), frame), 1, 3, vae.height(), vae.width())
              .toFloats();
      close("decoded " + frame, expected, trace.values().get("video"));
      byte[] bytes = golden.bytes("outputs.video_u8");
      int most = arguments.isGpu() ? 8 : 1;
      for (int i = 0; i < video.rgb().length; i++) {
        int wanted = bytes[frame * video.rgb().length + i] & 0xff;
        int found = video.rgb()[i] & 0xff;
        assertTrue(
            Math.abs(wanted - found) <= most,
            "byte " + i + " of frame " + frame + ": expected " + wanted + ", found " + found);
      }
      return unscaled;
    }

    private void close(String what, float[] expected, float[] found) {
      if (arguments.isGpu()) {
        Golden.assertRelative(what, expected, found, Golden.GPU_LIMIT);
      } else {
        Golden.assertRelative(what, expected, found, LIMIT);
      }
    }

    /** The values of one frame among those of all. */
    private float[] part(float[] all, int frame) {
      int frames = golden.config().integer("total_frames");
      int values = all.length / frames;
      return Arrays.copyOfRange(all, frame * values, (frame + 1) * values);
    }

    private float[] lastFrame(String name) {
      OasisTransformerConfig dit = config.dit();
      float[] all = golden.floats(name);
      int values = dit.channels() * dit.rows() * dit.columns();
      float[] last = Arrays.copyOfRange(all, all.length - values, all.length);
      return Golden.framesChannelsLast(last, 1, dit.channels(), dit.rows(), dit.columns())
          .toFloats();
    }

    private float[] unscaled(Tensor latents) {
      float[] values = Golden.floats(backend, latents).clone();
      for (int i = 0; i < values.length; i++) {
        values[i] /= (float) config.latentScale();
      }
      return values;
    }

    private void noise(long chunk, float[] out) {
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

    private List<OasisAction> actions() {
      float[] all = golden.floats("inputs.actions");
      int entries = config.dit().actionDim();
      List<OasisAction> actions = new ArrayList<>();
      for (int from = 0; from < all.length; from += entries) {
        actions.add(new OasisAction(Arrays.copyOfRange(all, from, from + entries)));
      }
      return actions;
    }
  }
}
