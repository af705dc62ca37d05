package dev.orrery.model.genie1x;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.image.FramesToBytes;
import dev.orrery.kernels.image.PixelRange;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.magvit2.Magvit2Decoder;
import dev.orrery.model.magvit2.SignCode;
import dev.orrery.model.session.FrameDecoder;
import dev.orrery.model.session.SessionResources;
import dev.orrery.model.session.VideoFrames;
import dev.orrery.runtime.memory.SessionState;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;
import java.lang.foreign.MemorySegment;

/** Decodes the tokens of each frame alone. */
final class Genie1xFrameDecoder implements FrameDecoder {
  private final Magvit2Decoder decoder;
  private final SignCode signs;
  private final Backend backend;
  private final Workspace workspace;
  private final Tensor code;
  private final Tensor pixels;
  private final Tensor bytes;
  private final FramesToBytes framesToBytes;

  Genie1xFrameDecoder(Genie1xConfig config, Magvit2Decoder decoder, SessionResources resources) {
    this.decoder = decoder;
    signs = new SignCode(config.magvit2().bits());
    backend = resources.backend();
    workspace = resources.decodes();
    TensorArena arena = resources.arena();
    int grid = config.transformer().side();
    int side = config.side();
    code = arena.empty(DType.F32, 1, grid, grid, signs.bits());
    pixels = arena.empty(backend.computeTypes().autoencoder(), 1, side, side, 3);
    bytes = arena.empty(DType.U8, 1, side, side, 3);
    framesToBytes = backend.kernel(FramesToBytes.class);
  }

  @Override
  public VideoFrames decode(Tensor generated, Trace trace) {
    int[] ids = new int[Math.toIntExact(generated.elements())];
    backend.copy(generated, Tensor.host(DType.I32, generated.shape(), MemorySegment.ofArray(ids)));
    backend.synchronize();
    backend.copy(Tensor.of(signs.code(ids), code.shape().extents()), code);
    Runnable calls =
        () -> {
          decoder.decode(code, workspace, pixels, trace);
          framesToBytes.run(pixels, PixelRange.SIGNED, bytes);
        };
    if (trace == Trace.NONE) {
      backend.batch(calls);
    } else {
      // A trace looks at every activation, which a batch does not allow.
      calls.run();
    }
    byte[] rgb = new byte[Math.toIntExact(bytes.elements())];
    backend.copy(bytes, Tensor.host(DType.U8, bytes.shape(), MemorySegment.ofArray(rgb)));
    return new VideoFrames(1, pixels.size(1), pixels.size(2), rgb);
  }

  /** Frames do not depend on each other. */
  @Override
  public void visitState(SessionState.Visitor state) {}
}
