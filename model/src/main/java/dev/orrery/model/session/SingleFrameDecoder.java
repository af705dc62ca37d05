package dev.orrery.model.session;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.image.FramesToBytes;
import dev.orrery.kernels.image.PixelRange;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.runtime.memory.SessionState;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;
import java.lang.foreign.MemorySegment;

/** Decodes each frame alone, so that there is nothing to remember. */
public abstract class SingleFrameDecoder implements FrameDecoder {
  private final Backend backend;
  private final Workspace workspace;
  private final PixelRange range;
  private final Tensor pixels;
  private final Tensor bytes;
  private final FramesToBytes framesToBytes;

  /**
   * @param dtype of the pixels that the network gives
   * @param range of their values
   * @param height rows of a video frame
   * @param width columns of a video frame
   */
  protected SingleFrameDecoder(
      SessionResources resources, DType dtype, PixelRange range, int height, int width) {
    backend = resources.backend();
    workspace = resources.decodes();
    this.range = range;
    pixels = resources.arena().empty(dtype, 1, height, width, 3);
    bytes = resources.arena().empty(DType.U8, 1, height, width, 3);
    framesToBytes = backend.kernel(FramesToBytes.class);
  }

  /** Does the host's part before {@link #decode}, such as looking up what ids stand for. */
  protected void prepare(Tensor generated) {}

  /**
   * Decodes a frame without touching host memory.
   *
   * @param generated what the generator made
   * @param video {@code [1, Y, X, 3]}
   */
  protected abstract void decode(
      Tensor generated, Workspace activations, Tensor video, Trace trace);

  /** Token ids that lie on the backend; waits for them. */
  protected final int[] ids(Tensor generated) {
    int[] ids = new int[Math.toIntExact(generated.elements())];
    backend.copy(generated, Tensor.host(DType.I32, generated.shape(), MemorySegment.ofArray(ids)));
    backend.synchronize();
    return ids;
  }

  @Override
  public final VideoFrames decode(Tensor generated, Trace trace) {
    prepare(generated);
    Runnable calls =
        () -> {
          decode(generated, workspace, pixels, trace);
          framesToBytes.run(pixels, range, bytes);
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
    return new VideoFrames(1, pixels.size(1), pixels.size(2), rgb);
  }

  @Override
  public final void visitState(SessionState.Visitor state) {}
}
