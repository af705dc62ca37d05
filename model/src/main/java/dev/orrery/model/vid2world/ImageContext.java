package dev.orrery.model.vid2world;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.clip.ImageEncoder;
import dev.orrery.model.clip.ImageEncoderConfig;
import dev.orrery.model.sampling.NoiseSource;
import dev.orrery.model.sampling.PassRunner;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;
import java.lang.foreign.MemorySegment;

/**
 * What the U-Net is told of a picture beside its latent.
 *
 * <pre>
 * picture [Y, X, 3] ─ CornerAlignedResize, on the host ─ visual tower of CLIP ─ Resampler ─ tokens [N, C]
 * </pre>
 */
final class ImageContext {
  private final Backend backend;
  private final ImageEncoderConfig tower;
  private final ImageEncoder encoder;
  private final Resampler resampler;
  private final PassRunner runner;

  ImageContext(
      Backend backend, ImageEncoderConfig tower, ImageEncoder encoder, Resampler resampler) {
    this.backend = backend;
    this.tower = tower;
    this.encoder = encoder;
    this.resampler = resampler;
    runner = new PassRunner(backend, NoiseSource.NONE);
  }

  /** Tokens of a picture. */
  int tokens() {
    return resampler.config().tokens();
  }

  /**
   * Encodes a picture.
   *
   * @param picture {@code [Y, X, 3]}, fp32, on the backend, around [-1, 1]
   * @param context {@code [N, C]} in the dtype of the activations
   */
  void encode(Tensor picture, Workspace workspace, Tensor context, Trace trace) {
    int side = tower.imageSize();
    float[] values = new float[Math.toIntExact(picture.elements())];
    backend.copy(picture, Tensor.host(DType.F32, picture.shape(), MemorySegment.ofArray(values)));
    backend.synchronize();
    float[] resized =
        CornerAlignedResize.resize(values, picture.size(0), picture.size(1), side, side);
    try (Workspace.Frame frame = workspace.frame()) {
      Tensor square = frame.empty(DType.F32, side, side, 3);
      backend.copy(Tensor.of(resized, side, side, 3), square);
      trace.tap("resized", square);
      Tensor features = frame.like(context, tower.tokens(), tower.dim());
      runner.run(
          () -> {
            encoder.encode(square, frame, features, trace.at("vision"));
            trace.tap("image_tokens", features);
            resampler.forward(features, frame, context, trace.at("resampler"));
          },
          trace);
    }
  }
}
