package dev.orrery.model.wan;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.image.FramesToBytes;
import dev.orrery.kernels.image.PixelRange;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.session.FrameDecoder;
import dev.orrery.model.session.SessionResources;
import dev.orrery.model.session.VideoFrames;
import dev.orrery.runtime.memory.FeatureCache;
import dev.orrery.runtime.memory.SessionState;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;
import java.lang.foreign.MemorySegment;

/**
 * Decodes with a streaming autoencoder as those of Wan and HunyuanVideo-1.5, one latent frame after
 * the other: the first one of a stream becomes one video frame, each later one {@value
 * #FRAMES_PER_LATENT}.
 */
public final class WanFrameDecoder implements FrameDecoder {
  private static final int FRAMES_PER_LATENT = 4;

  /** The decoder of an autoencoder. */
  @FunctionalInterface
  public interface Network {
    /**
     * Decodes the next latent frame of a stream.
     *
     * @param latent {@code [1, h, w, C]}, fp32
     * @param cache what the stream remembers
     * @param out {@code [frames, Y, X, 3]}, about [-1, 1]
     */
    void decode(Tensor latent, FeatureCache cache, Workspace workspace, Tensor out, Trace trace);
  }

  private final Network decoder;
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
   * @param height rows of a video frame
   * @param width columns of a video frame
   */
  public WanFrameDecoder(Network decoder, SessionResources resources, int height, int width) {
    this.decoder = decoder;
    backend = resources.backend();
    workspace = resources.decodes();
    cache = new FeatureCache(backend, resources.arena());
    long[] frames = {FRAMES_PER_LATENT, height, width, 3};
    pixels = resources.arena().empty(backend.computeTypes().autoencoder(), frames);
    bytes = resources.arena().empty(DType.U8, frames);
    framesToBytes = backend.kernel(FramesToBytes.class);
  }

  @Override
  public VideoFrames decode(Tensor latents, Trace trace) {
    int count = 0;
    for (int f = 0; f < latents.size(0); f++) {
      count += videoFrames(latentFrame + f);
    }
    int height = pixels.size(1);
    int width = pixels.size(2);
    int frameBytes = height * width * 3;
    byte[] rgb = new byte[Math.multiplyExact(count, frameBytes)];
    int done = 0;
    for (int f = 0; f < latents.size(0); f++) {
      int frames = videoFrames(latentFrame);
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

  private static int videoFrames(long index) {
    return index == 0 ? 1 : FRAMES_PER_LATENT;
  }

  private void decodeFrame(Tensor latent, int frames, Trace trace) {
    Tensor video = pixels.slice(0, frames);
    Runnable calls =
        () -> {
          decoder.decode(latent, cache, workspace, video, trace);
          framesToBytes.run(video, PixelRange.SIGNED, bytes.slice(0, frames));
        };
    if (trace == Trace.NONE && !cache.histories().isEmpty()) {
      backend.batch(calls);
    } else {
      // The first frame creates the histories, and a trace looks at every activation.
      calls.run();
    }
    trace.tap("video" + latentFrame, video);
  }

  @Override
  public void visitState(SessionState.Visitor state) {
    latentFrame = state.number("latentFrame", latentFrame, Long.MAX_VALUE);
    state.part("features", cache);
  }
}
