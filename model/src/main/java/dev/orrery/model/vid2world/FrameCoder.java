package dev.orrery.model.vid2world;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.elementwise.Convert;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.sampling.NormalPosterior;
import dev.orrery.model.sampling.PassRunner;
import dev.orrery.model.session.SessionResources;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;
import java.util.Arrays;

/** Pictures of a session to latents and tokens, and latents to pictures. */
final class FrameCoder {
  private final Vid2WorldConfig config;
  private final Vid2WorldNetworks networks;
  private final Backend backend;
  private final Workspace workspace;
  private final PassRunner runner;
  private final Convert convert;

  /** A picture in the dtype of the autoencoder, {@code [1, Y, X, 3]}. */
  private final Tensor pixels;

  private final Tensor moments;
  private final float[] mean;
  private final float[] std;

  FrameCoder(Vid2WorldConfig config, Vid2WorldNetworks networks, SessionResources resources) {
    this.config = config;
    this.networks = networks;
    backend = resources.backend();
    workspace = resources.passes();
    runner = new PassRunner(backend, resources.noise());
    convert = backend.kernel(Convert.class);
    TensorArena arena = resources.arena();
    DType dtype = backend.computeTypes().autoencoder();
    pixels = arena.empty(dtype, 1, config.height(), config.width(), 3);
    UnetConfig unet = config.unet();
    int channels = UnetConfig.LATENT_CHANNELS;
    moments = arena.empty(DType.F32, 1, unet.rows(), unet.columns(), 2L * channels);
    mean = new float[channels];
    std = new float[channels];
    Arrays.fill(std, (float) (1 / config.vae().scale()));
  }

  /** An fp32 picture, {@code [1, Y, X, 3]}. */
  Tensor newPicture(TensorArena arena) {
    return arena.empty(DType.F32, 1, config.height(), config.width(), 3);
  }

  /** Tokens of a picture, {@code [N, C]}. */
  Tensor newTokens(TensorArena arena) {
    return arena.empty(
        networks.unet().activations(), networks.context().tokens(), config.unet().contextDim());
  }

  /**
   * Scaled latents of pictures {@code [F, Y, X, 3]}, fp32, nominally in [-1, 1].
   *
   * @return {@code [F, y, x, 4]}
   */
  float[] latents(Tensor pictures, FrameDraws draws) {
    int frames = pictures.size(0);
    int values = Math.toIntExact(moments.elements());
    float[] all = new float[frames * values];
    float[] one = new float[values];
    for (int i = 0; i < frames; i++) {
      Tensor picture = pictures.slice(i, i + 1);
      runner.run(
          () -> {
            convert.run(picture, pixels);
            networks.encoder().encode(pixels, workspace, moments, Trace.NONE);
          },
          Trace.NONE);
      backend.copy(moments, Tensor.of(one, moments.shape().extents()));
      backend.synchronize();
      System.arraycopy(one, 0, all, i * values, values);
    }
    int drawn = all.length / 2;
    float[] noise =
        config.posterior() == Vid2WorldConfig.Posterior.SAMPLE
            ? draws.draw(FrameDraws.Kind.POSTERIOR, drawn)
            : new float[drawn];
    return NormalPosterior.sample(all, noise, mean, std);
  }

  /** Decodes a latent {@code [1, y, x, 4]} to a picture {@code [1, Y, X, 3]}, fp32, not clamped. */
  void decode(Tensor latent, Tensor picture) {
    runner.run(
        () -> {
          networks.decoder().decode(latent, workspace, pixels, Trace.NONE);
          convert.run(pixels, picture);
        },
        Trace.NONE);
  }

  /** Tokens of a picture {@code [1, Y, X, 3]}, fp32. */
  void tokens(Tensor picture, Tensor tokens) {
    networks.context().encode(picture.row(0), workspace, tokens, Trace.NONE);
  }
}
