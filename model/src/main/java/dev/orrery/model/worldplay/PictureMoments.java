package dev.orrery.model.worldplay;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.elementwise.Convert;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.session.StartResources;
import dev.orrery.runtime.memory.FeatureCache;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;

/** What a video autoencoder says about the picture that a world starts from. */
public final class PictureMoments {
  private PictureMoments() {}

  /** The encoder of an autoencoder. */
  @FunctionalInterface
  public interface Network {
    /**
     * Encodes the next frames of a stream.
     *
     * @param pixels {@code [1, Y, X, 3]}
     * @param cache what the stream remembers
     * @param out {@code [1, h, w, channels]}, fp32
     */
    void encode(Tensor pixels, FeatureCache cache, Workspace workspace, Tensor out, Trace trace);
  }

  /**
   * Encodes a picture as the first frame of a video.
   *
   * @param prepared {@code [Y, X, 3]} on the host, in [-1, 1]
   * @param ratio rows and columns of pixels that a latent has one of
   * @param channels means and variances of a latent together
   * @param temporary what is needed meanwhile
   * @return {@code [h, w, channels]}
   */
  public static float[] of(
      Tensor prepared, int ratio, int channels, Network encoder, StartResources temporary) {
    Backend backend = temporary.backend();
    TensorArena arena = temporary.arena();
    int height = prepared.size(0);
    int width = prepared.size(1);
    Tensor stored = arena.empty(DType.F32, 1, height, width, 3);
    backend.copy(prepared, stored);
    Tensor pixels = arena.empty(backend.computeTypes().autoencoder(), 1, height, width, 3);
    backend.kernel(Convert.class).run(stored, pixels);
    Tensor moments = arena.empty(DType.F32, 1, height / ratio, width / ratio, channels);
    FeatureCache cache = new FeatureCache(backend, arena);
    encoder.encode(pixels, cache, temporary.workspace(), moments, Trace.NONE);
    float[] values = new float[Math.toIntExact(moments.elements())];
    backend.copy(moments, Tensor.of(values, values.length));
    backend.synchronize();
    return values;
  }
}
