package dev.orrery.model.oasis;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.image.FramesToBytes;
import dev.orrery.kernels.image.PixelRange;
import dev.orrery.kernels.sampling.LinearCombination;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.session.FrameDecoder;
import dev.orrery.model.session.SessionResources;
import dev.orrery.model.session.VideoFrames;
import dev.orrery.runtime.memory.SessionState;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;
import java.lang.foreign.MemorySegment;

/** Decodes each latent frame alone, into one frame of video. */
final class OasisFrameDecoder implements FrameDecoder {
  private final OasisVae vae;
  private final double latentScale;
  private final Backend backend;
  private final Workspace workspace;
  private final Tensor unscaled;
  private final Tensor pixels;
  private final Tensor bytes;
  private final LinearCombination combine;
  private final FramesToBytes framesToBytes;

  OasisFrameDecoder(OasisConfig config, OasisVae vae, SessionResources resources) {
    this.vae = vae;
    latentScale = config.latentScale();
    backend = resources.backend();
    workspace = resources.decodes();
    OasisVaeConfig sizes = config.vae();
    unscaled = resources.arena().empty(DType.F32, sizes.rows(), sizes.columns(), sizes.channels());
    pixels =
        resources
            .arena()
            .empty(backend.computeTypes().autoencoder(), sizes.height(), sizes.width(), 3);
    bytes = resources.arena().empty(DType.U8, sizes.height(), sizes.width(), 3);
    combine = backend.kernel(LinearCombination.class);
    framesToBytes = backend.kernel(FramesToBytes.class);
  }

  @Override
  public VideoFrames decode(Tensor latents, Trace trace) {
    Tensor latent = latents.row(0);
    Runnable calls =
        () -> {
          combine.run(1 / latentScale, latent, 0, latent, unscaled);
          vae.decode(unscaled, workspace, pixels, trace);
          framesToBytes.run(pixels, PixelRange.SIGNED, bytes);
        };
    if (trace == Trace.NONE) {
      backend.batch(calls);
    } else {
      // A trace looks at every activation, which a batch does not allow.
      calls.run();
    }
    trace.tap("video", pixels);
    byte[] rgb = new byte[Math.toIntExact(bytes.elements())];
    backend.copy(bytes, Tensor.host(DType.U8, bytes.shape(), MemorySegment.ofArray(rgb)));
    return new VideoFrames(1, pixels.size(0), pixels.size(1), rgb);
  }

  /** Frames do not depend on each other. */
  @Override
  public void visitState(SessionState.Visitor state) {}
}
