package dev.orrery.model.matrixgame2;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.orrery.kernels.CpuBackend;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.cuda.CudaTestDevice;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.golden.Golden;
import dev.orrery.model.session.FrameDecoder;
import dev.orrery.model.session.GeneratedChunk;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.SessionResources;
import dev.orrery.model.session.SharedStart;
import dev.orrery.model.wan.WanFrameDecoder;
import dev.orrery.runtime.checkpoint.Checkpoint;
import dev.orrery.runtime.media.RgbImage;
import dev.orrery.runtime.trace.ActivationTrace;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;

/**
 * The bundled demo model against what its trainer's network computed from the same image, actions
 * and noise.
 */
class DemoWorldGoldenTest {
  static final Path FOLDER = Path.of(System.getProperty("project.root"), "models", "demo-world");
  private static final double LATENT_LIMIT = 1e-3;
  private static final double MIN_PSNR = 45;

  private static final double LATENT_LIMIT_ON_GPU = Golden.GPU_LIMIT;

  @Test
  void playsLikeTheTrainersNetwork() throws Exception {
    playsLikeTheTrainersNetwork(CpuBackend.simd(2), LATENT_LIMIT);
  }

  @Test
  void playsLikeTheTrainersNetworkOnAGpu() throws Exception {
    playsLikeTheTrainersNetwork(CudaTestDevice.openForModels(), LATENT_LIMIT_ON_GPU);
  }

  private static void playsLikeTheTrainersNetwork(Backend opened, double latentLimit)
      throws Exception {
    try (Golden golden = Golden.open(Path.of("src/test/resources/demo-world/golden.safetensors"));
        Checkpoint dit = Checkpoint.find(FOLDER, "dit");
        Checkpoint vae = Checkpoint.find(FOLDER, "vae");
        Checkpoint imageEncoder = Checkpoint.find(FOLDER, "image_encoder");
        Backend backend = opened;
        TensorArena arena = backend.newArena()) {
      MatrixGame2Config config = MatrixGame2Config.read(FOLDER);
      MatrixGame2Networks networks =
          new SourceModel(config, dit, vae, imageEncoder).build(backend, arena);
      RgbImage start = RgbImage.read(FOLDER.resolve("start.png"));
      Tensor picture =
          MatrixGame2StartImage.prepare(start, config.height(), config.width(), backend);
      Golden.assertClose(
          "image", golden.channelsLast("inputs.image").toFloats(), picture.toFloats(), 1e-6);
      SharedStart shared =
          Golden.start(backend, RolloutGoldenTest.noise(golden, config.framesPerChunk()));
      MatrixGame2Condition condition =
          MatrixGame2StartEncoder.empty(config, networks, backend, arena);
      new MatrixGame2StartEncoder(config, networks, backend)
          .encode(picture, condition, shared.memory().encoding(), Progress.NONE);
      SessionResources resources = shared.newResources();
      Tensor wanted = golden.channelsLast("outputs.cond_concat");
      Golden.assertRelative(
          "cond_concat",
          wanted.toFloats(),
          Golden.floats(backend, condition.frames().slice(0, wanted.size(0))),
          latentLimit);
      Golden.assertRelative(
          "visual_context",
          golden.floats("outputs.visual_context"),
          Golden.floats(backend, condition.imageFeatures()),
          latentLimit);
      rollout(golden, config, networks, condition, resources, latentLimit);
    }
  }

  private static void rollout(
      Golden golden,
      MatrixGame2Config config,
      MatrixGame2Networks networks,
      MatrixGame2Condition condition,
      SessionResources resources,
      double latentLimit) {
    Backend backend = resources.backend();
    MatrixGame2Generator generator =
        new MatrixGame2Generator(config, networks.transformer(), condition, resources);
    FrameDecoder decoder =
        new WanFrameDecoder(networks.frames(), resources, config.height(), config.width());
    ActionHistory history = new ActionHistory(config.dit().action(), config.framesPerChunk());
    List<KeyboardMouse> actions =
        ActionModuleGoldenTest.actions(golden, "inputs.keyboard_cond", "inputs.mouse_cond");
    Tensor latents = golden.channelsLast("outputs.latents");
    Tensor stored = golden.tensor("outputs.video");
    Tensor video =
        Golden.framesChannelsLast(
            stored.toFloats(), stored.size(1), 3, stored.size(3), stored.size(4));
    int done = 0;
    for (int from = 0; from < latents.size(0); from += config.framesPerChunk()) {
      int block = from / config.framesPerChunk();
      int first = (int) config.firstFrameOfChunk(block);
      history.put(first, actions.subList(first, first + config.framesOfChunk(block)));
      GeneratedChunk made =
          generator.generate(
              block, history, (pass, passes) -> {}, dev.orrery.runtime.trace.Trace.NONE);
      Tensor clean = made.decodable();
      float[] want = latents.slice(from, from + config.framesPerChunk()).toFloats();
      Golden.assertRelative(
          "latents of block " + block, want, Golden.floats(backend, clean), latentLimit);
      ActivationTrace trace = new ActivationTrace(backend);
      decoder.decode(clean, trace);
      made.completion().run();
      for (int f = from; f < from + config.framesPerChunk(); f++) {
        float[] found = trace.values().get("video" + f);
        int frames = found.length / (config.height() * config.width() * 3);
        double psnr = psnr(video.slice(done, done + frames).toFloats(), found);
        assertTrue(psnr >= MIN_PSNR, "latent frame " + f + ": " + psnr + " dB");
        done += frames;
      }
    }
  }

  /** Peak signal-to-noise ratio of values that span [-1, 1]. */
  private static double psnr(float[] expected, float[] actual) {
    double error = 0;
    for (int i = 0; i < expected.length; i++) {
      error += Math.pow(expected[i] - (double) actual[i], 2);
    }
    return 10 * Math.log10(4 / (error / expected.length));
  }
}
