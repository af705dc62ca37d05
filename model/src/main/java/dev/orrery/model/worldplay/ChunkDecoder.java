package dev.orrery.model.worldplay;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.image.FramesToBytes;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.session.VideoFrames;
import dev.orrery.model.vae22.Vae22Config;
import dev.orrery.model.vae22.Vae22Decoder;
import dev.orrery.runtime.memory.FeatureCache;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;
import java.lang.foreign.MemorySegment;

/**
 * Turns the latents of one session's chunks into video frames, one latent frame after the other.
 */
final class ChunkDecoder {
  private final Vae22Decoder decoder;
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
   * @param rows rows of a latent frame
   * @param columns columns of a latent frame
   * @param arena owner of the feature cache
   * @param workspace memory for one latent frame
   */
  ChunkDecoder(
      Vae22Decoder decoder,
      Backend backend,
      int rows,
      int columns,
      TensorArena arena,
      Workspace workspace) {
    this.decoder = decoder;
    this.backend = backend;
    this.workspace = workspace;
    cache = new FeatureCache(backend, arena);
    int ratio = Vae22Config.SPATIAL_RATIO;
    long[] frames = {Vae22Config.TEMPORAL_RATIO, (long) ratio * rows, (long) ratio * columns, 3};
    pixels = arena.empty(backend.precision().pixels(), frames);
    bytes = arena.empty(DType.U8, frames);
    framesToBytes = backend.kernel(FramesToBytes.class);
  }

  /** Decodes the next latent frames {@code [F, h, w, channels]}. */
  VideoFrames decode(Tensor latents, Trace trace) {
    int count = 0;
    for (int f = 0; f < latents.size(0); f++) {
      count += Vae22Decoder.videoFrames(latentFrame + f);
    }
    int height = pixels.size(1);
    int width = pixels.size(2);
    int frameBytes = height * width * 3;
    byte[] rgb = new byte[Math.multiplyExact(count, frameBytes)];
    int done = 0;
    for (int f = 0; f < latents.size(0); f++) {
      int frames = Vae22Decoder.videoFrames(latentFrame);
      decodeFrame(latents.slice(f, f + 1), frames, trace);
      Tensor host =
          Tensor.host(
              DType.U8,
              bytes.slice(0, frames).shape(),
              MemorySegment.ofArray(rgb)
                  .asSlice((long) done * frameBytes, (long) frames * frameBytes));
      backend.copy(bytes.slice(0, frames), host);
      done += frames;
      latentFrame++;
    }
    return new VideoFrames(count, height, width, rgb);
  }

  private void decodeFrame(Tensor latent, int frames, Trace trace) {
    Tensor video = pixels.slice(0, frames);
    Runnable calls =
        () -> {
          decoder.decode(latent, cache, workspace, video, trace);
          framesToBytes.run(video, bytes.slice(0, frames));
        };
    if (trace == Trace.NONE && !cache.histories().isEmpty()) {
      backend.batch(calls);
    } else {
      // The first frame creates the histories, and a trace looks at every activation.
      calls.run();
    }
    trace.tap("video" + latentFrame, video);
  }
}
