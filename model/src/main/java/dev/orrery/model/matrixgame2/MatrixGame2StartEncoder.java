package dev.orrery.model.matrixgame2;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.elementwise.Convert;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.session.Progress;
import dev.orrery.model.session.StartResources;
import dev.orrery.model.vae.VaeConfig;
import dev.orrery.model.vae.VaeEncoder;
import dev.orrery.runtime.media.RgbImage;
import dev.orrery.runtime.memory.FeatureCache;
import dev.orrery.runtime.trace.Trace;
import java.util.Arrays;

/**
 * Turns the start image into what conditions every chunk: the latents of a video that shows the
 * image and then grey, with a mask that marks the first frame, and the tokens of the image encoder.
 *
 * <p>The encoder sees only so far back, so from some latent frame on the grey frames always encode
 * to the same latents; only the frames up to there are encoded, whatever the length of the rollout.
 */
final class MatrixGame2StartEncoder {
  private final MatrixGame2Config config;
  private final MatrixGame2Networks networks;
  private final Backend backend;

  MatrixGame2StartEncoder(MatrixGame2Config config, MatrixGame2Networks networks, Backend backend) {
    this.config = config;
    this.networks = networks;
    this.backend = backend;
  }

  /** Latent frames of the condition: behind them all chunks are alike. */
  private static int frames(MatrixGame2Config config, int constant) {
    int chunk = config.framesPerChunk();
    // Latents from `constant` on are all alike; the last chunk of the result must lie there
    // entirely.
    return ((constant + chunk - 1) / chunk + 1) * chunk;
  }

  /** Latent frames from which on the picture is not seen any more. */
  private static int constant(MatrixGame2Networks networks) {
    return networks.encoder().reachInLatentFrames() + 1;
  }

  /**
   * Room for a condition.
   *
   * @param arena owner of it
   */
  static MatrixGame2Condition empty(
      MatrixGame2Config config, MatrixGame2Networks networks, Backend backend, TensorArena arena) {
    Tensor frames =
        arena.empty(
            DType.F32,
            frames(config, constant(networks)),
            config.latentHeight(),
            config.latentWidth(),
            (long) config.dit().maskChannels() + config.vae().latentChannels());
    int tokens = config.imageEncoder().tokens();
    Tensor features =
        arena.empty(backend.computeTypes().transformer(), tokens, config.imageEncoder().dim());
    return new MatrixGame2Condition(
        frames, features, networks.transformer().emptyImages(tokens, arena));
  }

  /**
   * Encodes an image.
   *
   * @param image of any size
   * @param temporary what is needed meanwhile
   */
  void encode(
      RgbImage image, MatrixGame2Condition out, StartResources temporary, Progress progress) {
    encode(
        MatrixGame2StartImage.prepare(image, config.height(), config.width(), backend),
        out,
        temporary,
        progress);
  }

  /**
   * Encodes an image.
   *
   * @param prepared {@code [Y, X, 3]} in [-1, 1], of the model's size, on the host
   * @param temporary what is needed meanwhile
   */
  void encode(
      Tensor prepared, MatrixGame2Condition out, StartResources temporary, Progress progress) {
    Tensor image = temporary.arena().empty(DType.F32, 1, config.height(), config.width(), 3);
    backend.copy(prepared, image);
    Tensor features = out.imageFeatures();
    networks.imageEncoder().forward(image.row(0), temporary.workspace(), features, Trace.NONE);
    networks.transformer().imagesInto(features, temporary.workspace(), out.images());
    Tensor first =
        temporary.arena().empty(backend.computeTypes().autoencoder(), image.shape().extents());
    backend.kernel(Convert.class).run(image, first);
    condition(first, out.frames(), temporary, progress);
  }

  private void condition(
      Tensor image, Tensor condition, StartResources temporary, Progress progress) {
    VaeEncoder encoder = networks.encoder();
    int constant = constant(networks);
    int frames = condition.size(0);
    int height = config.latentHeight();
    int width = config.latentWidth();
    int channels = config.vae().latentChannels();
    FeatureCache cache = new FeatureCache(backend, temporary.arena());
    Tensor grey =
        temporary
            .arena()
            .empty(image.dtype(), VaeConfig.TEMPORAL_RATIO, config.height(), config.width(), 3);
    Tensor latent = temporary.arena().empty(DType.F32, 1, height, width, channels);
    float[] values = new float[height * width * channels];
    int mask = config.dit().maskChannels();
    float[] out = new float[frames * height * width * (mask + channels)];
    for (int f = 0; f < frames; f++) {
      if (f <= constant) {
        encoder.encode(f == 0 ? image : grey, cache, temporary.workspace(), latent, Trace.NONE);
        backend.copy(latent, Tensor.of(values, values.length));
        backend.synchronize();
        progress.report("encoding the image", f + 1, constant + 1);
      }
      for (int pixel = 0; pixel < height * width; pixel++) {
        int at = (f * height * width + pixel) * (mask + channels);
        Arrays.fill(out, at, at + mask, f == 0 ? 1 : 0);
        System.arraycopy(values, pixel * channels, out, at + mask, channels);
      }
    }
    backend.copy(Tensor.of(out, frames, height, width, mask + channels), condition);
  }
}
