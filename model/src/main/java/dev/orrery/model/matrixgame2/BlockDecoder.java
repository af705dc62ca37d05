package dev.orrery.model.matrixgame2;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.image.FramesToBytes;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.session.VideoFrames;
import dev.orrery.model.vae.VaeConfig;
import dev.orrery.model.vae.VaeDecoder;
import dev.orrery.runtime.memory.FeatureCache;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;

/**
 * Turns the latents of one session's blocks into video frames, one latent frame after the other.
 */
final class BlockDecoder {
  private final MatrixGame2Config config;
  private final VaeDecoder decoder;
  private final Backend backend;
  private final Workspace workspace;
  private final FeatureCache cache;
  private final Tensor pixels;
  private final Tensor bytes;
  private final FramesToBytes framesToBytes;
  private long latentFrame;

  /**
   * A decoder at the start of a video.
   *
   * @param arena owner of the feature cache
   * @param workspace memory for one latent frame
   */
  BlockDecoder(Loaded model, TensorArena arena, Workspace workspace) {
    this.config = model.config();
    this.decoder = model.networks().vaeDecoder();
    this.backend = model.backend();
    this.workspace = workspace;
    cache = new FeatureCache(backend, arena);
    long[] frames = {VaeConfig.TEMPORAL_RATIO, config.height(), config.width(), 3};
    pixels = arena.empty(backend.precision().pixels(), frames);
    bytes = arena.empty(DType.U8, frames);
    framesToBytes = backend.kernel(FramesToBytes.class);
  }

  /** Decodes the next latent frames {@code [F, h, w, 16]}. */
  VideoFrames decode(Tensor latents, Trace trace) {
    int count = 0;
    for (int f = 0; f < latents.size(0); f++) {
      count += VaeDecoder.videoFrames(latentFrame + f);
    }
    int frameBytes = config.height() * config.width() * 3;
    byte[] rgb = new byte[Math.multiplyExact(count, frameBytes)];
    int done = 0;
    for (int f = 0; f < latents.size(0); f++) {
      int frames = VaeDecoder.videoFrames(latentFrame);
      Tensor video = pixels.slice(0, frames);
      Tensor latent = latents.slice(f, f + 1);
      Runnable frame =
          () -> {
            decoder.decode(latent, cache, workspace, video, trace);
            framesToBytes.run(video, bytes.slice(0, frames));
          };
      if (trace == Trace.NONE && !cache.histories().isEmpty()) {
        backend.batch(frame);
      } else {
        // The first frame creates the histories, and a trace looks at every activation.
        frame.run();
      }
      trace.tap("video" + latentFrame, video);
      Tensor host =
          Tensor.host(
              DType.U8,
              bytes.slice(0, frames).shape(),
              java.lang.foreign.MemorySegment.ofArray(rgb)
                  .asSlice((long) done * frameBytes, (long) frames * frameBytes));
      backend.copy(bytes.slice(0, frames), host);
      done += frames;
      latentFrame++;
    }
    return new VideoFrames(count, config.height(), config.width(), rgb);
  }
}
