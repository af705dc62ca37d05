package dev.orrery.model.jafar;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.image.FramesToBytes;
import dev.orrery.kernels.image.PixelRange;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.genie.FrameCache;
import dev.orrery.model.session.FrameDecoder;
import dev.orrery.model.session.SessionResources;
import dev.orrery.model.session.VideoFrames;
import dev.orrery.runtime.memory.SessionState;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;
import java.lang.foreign.MemorySegment;

/** Decodes the tokens of each frame alone, as if it were the first of a window. */
final class JafarFrameDecoder implements FrameDecoder {
  private final JafarTokenizer tokenizer;
  private final Backend backend;
  private final Workspace workspace;
  private final FrameCache alone;
  private final Tensor codes;
  private final Tensor pixels;
  private final Tensor bytes;
  private final FramesToBytes framesToBytes;

  JafarFrameDecoder(JafarConfig config, JafarTokenizer tokenizer, SessionResources resources) {
    this.tokenizer = tokenizer;
    backend = resources.backend();
    workspace = resources.decodes();
    TensorArena arena = resources.arena();
    alone = tokenizer.newDecoderCache(1, arena);
    codes = arena.empty(DType.F32, config.tokens(), config.codeDim());
    pixels = arena.empty(DType.F32, 1, config.height(), config.width(), 3);
    bytes = arena.empty(DType.U8, pixels.shape().extents());
    framesToBytes = backend.kernel(FramesToBytes.class);
  }

  @Override
  public VideoFrames decode(Tensor generated, Trace trace) {
    int[] ids = new int[Math.toIntExact(generated.elements())];
    Tensor host = Tensor.host(DType.I32, generated.shape(), MemorySegment.ofArray(ids));
    backend.copy(generated, host);
    backend.synchronize();
    backend.copy(tokenizer.codes(ids), codes);
    Runnable calls =
        () -> {
          tokenizer.decode(codes, 0, alone, workspace, pixels, trace);
          framesToBytes.run(pixels, PixelRange.UNIT, bytes);
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
