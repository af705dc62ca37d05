package dev.orrery.model.oasis;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.golden.Golden;
import dev.orrery.model.session.GeneratedChunk;
import dev.orrery.model.session.SessionResources;
import dev.orrery.model.session.SharedStart;
import dev.orrery.model.session.StepListener;
import dev.orrery.model.session.VideoFrames;
import dev.orrery.runtime.trace.ActivationTrace;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Several frames in a row, further than the window reaches, with the noise of the reference. */
class OasisRolloutGoldenTest {
  /** Relative to the root mean square of each tensor. */
  static final double LIMIT = 1e-4;

  static List<Golden.Arguments> cases() {
    return Golden.cases("oasis", "rollout");
  }

  @ParameterizedTest
  @MethodSource("cases")
  void everyFrameIsThatOfTheReference(Golden.Arguments arguments) {
    try (Golden golden = arguments.golden();
        Backend backend = arguments.backend();
        TensorArena arena = backend.newArena()) {
      new Comparison(arguments, golden, backend, arena).run();
    }
  }

  private static final class Comparison {
    private final Golden.Arguments arguments;
    private final Golden golden;
    private final Backend backend;
    private final OasisRollout rollout;

    Comparison(Golden.Arguments arguments, Golden golden, Backend backend, TensorArena arena) {
      this.arguments = arguments;
      this.golden = golden;
      this.backend = backend;
      rollout = new OasisRollout(golden, backend, arena, UnaryOperator.identity());
    }

    void run() {
      SharedStart shared = Golden.start(backend, rollout::noise);
      OasisStart start = rollout.encoded(shared);
      close("prompt_mean", golden.floats("outputs.prompt_mean"), rollout.unscaled(start.latents()));
      SessionResources resources = shared.newResources();
      OasisConfig config = rollout.config;
      OasisNetworks networks = rollout.networks;
      OasisGenerator generator =
          new OasisGenerator(config, networks.transformer(), start, resources);
      OasisFrameDecoder decoder = new OasisFrameDecoder(config, networks.vae(), resources);
      List<float[]> latents = new ArrayList<>();
      for (int i = 0; i < rollout.promptFrames; i++) {
        latents.add(decoded(i, start.latents().slice(i, i + 1), decoder));
      }
      for (int frame = rollout.promptFrames; frame < rollout.frames; frame++) {
        int chunk = frame - rollout.promptFrames;
        ActivationTrace trace = new ActivationTrace(backend);
        OasisAction action = rollout.actions().get(frame);
        GeneratedChunk made = generator.generate(chunk, action, StepListener.NONE, trace);
        for (int k = 0; k < config.steps(); k++) {
          String call = "outputs.call%03d.".formatted(chunk * config.steps() + k);
          close(call + "x", rollout.lastFrame(call + "x"), trace.values().get("step" + k + ".x"));
          close(call + "v", rollout.lastFrame(call + "v"), trace.values().get("step" + k + ".v"));
        }
        latents.add(decoded(frame, made.decodable(), decoder));
        made.completion().run();
      }
      assertEquals(rollout.frames, latents.size());
      resources.arena().close();
      shared.memory().release();
    }

    /** Compares a frame's latent, as the decoder takes it, its pixels and its bytes. */
    private float[] decoded(int frame, Tensor latent, OasisFrameDecoder decoder) {
      float[] unscaled = rollout.unscaled(latent);
      close(
          "latents_over_scale " + frame,
          rollout.part(golden.floats("outputs.latents_over_scale"), frame),
          unscaled);
      ActivationTrace trace = new ActivationTrace(backend);
      VideoFrames video = decoder.decode(latent, trace);
      OasisVaeConfig vae = rollout.config.vae();
      float[] expected =
          Golden.framesChannelsLast(
                  rollout.part(golden.floats("outputs.decoded"), frame),
                  1,
                  3,
                  vae.height(),
                  vae.width())
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
  }
}
