package dev.orrery.model.matrixgame2;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.golden.Golden;
import dev.orrery.model.session.FrameDecoder;
import dev.orrery.model.session.GeneratedChunk;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.SessionResources;
import dev.orrery.model.session.SharedStart;
import dev.orrery.model.wan.WanFrameDecoder;
import dev.orrery.runtime.checkpoint.JsonValue;
import dev.orrery.runtime.trace.ActivationTrace;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** From the image to the bytes of the frames, all networks together. */
class EndToEndGoldenTest {
  private static final double TOLERANCE = 3e-4;

  /** Latents in bf16 move a byte of the video now and then. */
  private static final int MAX_DIFFERENCE_ON_GPU = 4;

  private static final double MAX_MEAN_DIFFERENCE_ON_GPU = 0.3;

  private static final double MAX_SHARE_OF_OTHER_BYTES = 1e-3;

  static List<Golden.Arguments> cases() {
    return Golden.cases("end_to_end");
  }

  private static MatrixGame2Config config(JsonValue json, Tensor image) {
    JsonValue dit = json.get("dit");
    JsonValue clip = json.get("clip");
    String settings =
        """
        {"resolution": [%d, %d], "num_frame_per_block": %d, "denoising_step_list": %s,
         "timestep_shift": %s, "context_noise": %s,
         "vae": {"dim": %d, "dim_mult": %s, "num_res_blocks": %d},
         "image_encoder": {"image_size": %d, "patch_size": %d, "dim": %d, "num_heads": %d, "num_layers": %d}}
        """
            .formatted(
                image.size(3),
                image.size(4),
                dit.integer("num_frame_per_block"),
                Arrays.toString(dit.integers("denoising_step_list")),
                dit.number("timestep_shift"),
                dit.number("context_noise"),
                json.get("vae").integer("dim"),
                Arrays.toString(json.get("vae").integers("dim_mult")),
                json.get("vae").integer("num_res_blocks"),
                clip.integer("image_size"),
                clip.integer("patch_size"),
                clip.integer("dim"),
                clip.integer("num_heads"),
                clip.integer("num_layers"));
    return MatrixGame2Config.read(
        JsonValue.parse("end_to_end", settings.getBytes(StandardCharsets.UTF_8)), dit);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void pictureToFrames(Golden.Arguments arguments) {
    try (Golden golden = arguments.golden();
        Backend backend = arguments.backend();
        TensorArena arena = backend.newArena()) {
      MatrixGame2Config config = config(golden.config(), golden.tensor("inputs.image"));
      MatrixGame2Networks networks =
          new SourceModel(
                  config, golden.weights("dit."), golden.weights("vae."), golden.weights("clip."))
              .build(backend, arena);
      Tensor picture = golden.channelsLast("inputs.image").row(0);
      SharedStart shared =
          Golden.start(backend, RolloutGoldenTest.noise(golden, config.framesPerChunk()));
      MatrixGame2Condition condition =
          MatrixGame2StartEncoder.empty(config, networks, backend, arena);
      new MatrixGame2StartEncoder(config, networks, backend)
          .encode(picture, condition, shared.memory().encoding(), Progress.NONE);
      SessionResources resources = shared.newResources();
      Tensor wanted = golden.channelsLast("outputs.cond_concat");
      arguments.assertClose(
          "cond_concat",
          wanted.toFloats(),
          Golden.floats(backend, condition.frames().slice(0, wanted.size(0))),
          TOLERANCE);
      arguments.assertClose(
          "visual_context",
          golden.floats("outputs.visual_context"),
          Golden.floats(backend, condition.imageFeatures()),
          TOLERANCE);
      rollout(arguments, golden, config, networks, condition, resources);
    }
  }

  private static void rollout(
      Golden.Arguments arguments,
      Golden golden,
      MatrixGame2Config config,
      MatrixGame2Networks networks,
      MatrixGame2Condition condition,
      SessionResources resources) {
    Backend backend = resources.backend();
    MatrixGame2Generator generator =
        new MatrixGame2Generator(config, networks.transformer(), condition, resources);
    FrameDecoder decoder =
        new WanFrameDecoder(networks.frames(), resources, config.height(), config.width());
    ActionHistory history = new ActionHistory(config.dit().action(), config.framesPerChunk());
    List<KeyboardMouse> actions =
        ActionModuleGoldenTest.actions(golden, "inputs.keyboard_cond", "inputs.mouse_cond");
    Tensor latents = golden.channelsLast("outputs.latents");
    Tensor video = golden.tensor("outputs.video");
    float[] pixels =
        Golden.framesChannelsLast(video.toFloats(), video.size(1), 3, video.size(3), video.size(4))
            .toFloats();
    byte[] bytes = golden.bytes("outputs.video_u8");
    int frameValues = config.height() * config.width() * 3;
    int frames = 0;
    int others = 0;
    // The blocks after the first are those of the rollouts and of the autoencoder, see there.
    int blocks = arguments.isEmulated() ? 1 : latents.size(0) / config.framesPerChunk();
    for (int block = 0; block < blocks; block++) {
      int first = (int) config.firstFrameOfChunk(block);
      history.put(first, actions.subList(first, first + config.framesOfChunk(block)));
      GeneratedChunk made =
          generator.generate(block, history, (pass, passes) -> {}, new ActivationTrace(backend));
      Tensor clean = made.decodable();
      int from = block * config.framesPerChunk();
      float[] want = latents.slice(from, from + config.framesPerChunk()).toFloats();
      arguments.assertClose(
          "latents of block " + block, want, Golden.floats(backend, clean), TOLERANCE);

      ActivationTrace trace = new ActivationTrace(backend);
      byte[] rgb = decoder.decode(clean, trace).rgb();
      made.completion().run();
      int at = frames * frameValues;
      for (int i = 0; i < rgb.length; i++) {
        int difference = Math.abs((rgb[i] & 0xff) - (bytes[at + i] & 0xff));
        assertTrue(
            difference <= (arguments.isGpu() ? MAX_DIFFERENCE_ON_GPU : 1),
            "byte " + (at + i) + " is off by " + difference);
        others += difference;
      }
      for (int f = from; f < from + config.framesPerChunk(); f++) {
        float[] decoded = trace.values().get("video" + f);
        for (int i = 0; i < decoded.length; i++) {
          decoded[i] = Math.clamp(decoded[i], -1f, 1f);
        }
        float[] expected =
            Arrays.copyOfRange(pixels, frames * frameValues, frames * frameValues + decoded.length);
        arguments.assertClose("pixels of latent frame " + f, expected, decoded, TOLERANCE);
        frames += decoded.length / frameValues;
      }
    }
    int compared = frames * frameValues;
    if (!arguments.isEmulated()) {
      assertEquals(bytes.length, compared, "bytes of the video");
    }
    assertTrue(
        others
            <= (arguments.isGpu() ? MAX_MEAN_DIFFERENCE_ON_GPU : MAX_SHARE_OF_OTHER_BYTES)
                * compared,
        others + " bytes of " + compared + " differ");
  }
}
