package dev.orrery.model.matrixgame2;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.elementwise.Convert;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.session.Progress;
import dev.orrery.model.vae.VaeConfig;
import dev.orrery.model.vae.VaeEncoder;
import dev.orrery.runtime.memory.FeatureCache;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;

/**
 * Turns the start image into what conditions every chunk: the latents of a video that shows the
 * image and then grey, with a mask that marks the first frame, and the tokens of the image encoder.
 *
 * <p>The encoder sees only so far back, so from some latent frame on the grey frames always encode
 * to the same latents; only the frames up to there are encoded, whatever the length of the rollout.
 */
final class StartEncoder {
  private final MatrixGame2Config config;
  private final Networks networks;
  private final Backend backend;

  /**
   * The condition of a session.
   *
   * @param frames mask and latents, {@code [n, h, w, 20]}; the last chunk of frames stands for all
   *     that follow
   * @param imageFeatures tokens of the image encoder, {@code [N, I]}
   */
  record Condition(Tensor frames, Tensor imageFeatures) {
    /** The condition of the frames of one chunk. */
    Tensor ofChunk(int chunk, int framesPerChunk) {
      long first = Math.min((long) chunk * framesPerChunk, frames.size(0) - framesPerChunk);
      return frames.slice(first, first + framesPerChunk);
    }
  }

  StartEncoder(Loaded model) {
    config = model.config();
    networks = model.networks();
    backend = model.backend();
  }

  /**
   * Encodes an image.
   *
   * @param picture {@code [Y, X, 3]} in [-1, 1], of the model's size, on the host
   * @param arena owner of the result
   * @param temporary owner of what is needed meanwhile
   */
  Condition encode(
      Tensor picture,
      TensorArena arena,
      TensorArena temporary,
      Workspace workspace,
      Progress progress) {
    Tensor image = temporary.empty(DType.F32, 1, config.height(), config.width(), 3);
    backend.copy(picture, image);
    Tensor features =
        arena.empty(
            backend.computeTypes().transformer(),
            config.imageEncoder().tokens(),
            config.imageEncoder().dim());
    networks.imageEncoder().forward(image.row(0), workspace, features, Trace.NONE);
    DType pixels = backend.computeTypes().autoencoder();
    Tensor first = temporary.empty(pixels, image.shape().extents());
    backend.kernel(Convert.class).run(image, first);
    Tensor frames = condition(first, arena, temporary, workspace, progress);
    return new Condition(frames, features);
  }

  private Tensor condition(
      Tensor image,
      TensorArena arena,
      TensorArena temporary,
      Workspace workspace,
      Progress progress) {
    VaeEncoder encoder = networks.vaeEncoder();
    int chunk = config.framesPerChunk();
    // Latents from `constant` on are all alike; the last chunk of the result must lie there
    // entirely.
    int constant = encoder.reachInLatentFrames() + 1;
    int frames = ((constant + chunk - 1) / chunk + 1) * chunk;
    int height = config.latentHeight();
    int width = config.latentWidth();
    int channels = config.vae().latentChannels();
    FeatureCache cache = new FeatureCache(backend, temporary);
    Tensor grey =
        temporary.empty(
            image.dtype(), VaeConfig.TEMPORAL_RATIO, config.height(), config.width(), 3);
    Tensor latent = temporary.empty(DType.F32, 1, height, width, channels);
    float[] values = new float[height * width * channels];
    int mask = config.dit().maskChannels();
    float[] out = new float[frames * height * width * (mask + channels)];
    for (int f = 0; f < frames; f++) {
      if (f <= constant) {
        encoder.encode(f == 0 ? image : grey, cache, workspace, latent, Trace.NONE);
        backend.copy(latent, Tensor.of(values, values.length));
        backend.synchronize();
        progress.report("encoding the image", f + 1, constant + 1);
      }
      for (int pixel = 0; pixel < height * width; pixel++) {
        int at = (f * height * width + pixel) * (mask + channels);
        java.util.Arrays.fill(out, at, at + mask, f == 0 ? 1 : 0);
        System.arraycopy(values, pixel * channels, out, at + mask, channels);
      }
    }
    Tensor condition = arena.empty(DType.F32, frames, height, width, (long) mask + channels);
    backend.copy(Tensor.of(out, frames, height, width, mask + channels), condition);
    return condition;
  }
}
