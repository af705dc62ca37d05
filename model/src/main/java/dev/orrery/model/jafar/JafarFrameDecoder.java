package dev.orrery.model.jafar;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.image.PixelRange;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.genie.FrameCache;
import dev.orrery.model.session.SessionResources;
import dev.orrery.model.session.SingleFrameDecoder;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;

/** Token ids to frames, each as if it were the first of a window. */
final class JafarFrameDecoder extends SingleFrameDecoder {
  private final JafarTokenizer tokenizer;
  private final Backend backend;
  private final FrameCache alone;
  private final Tensor codes;

  JafarFrameDecoder(JafarConfig config, JafarTokenizer tokenizer, SessionResources resources) {
    super(resources, DType.F32, PixelRange.UNIT, config.height(), config.width());
    this.tokenizer = tokenizer;
    backend = resources.backend();
    alone = tokenizer.newDecoderCache(1, resources.arena());
    codes = resources.arena().empty(DType.F32, config.tokens(), config.codeDim());
  }

  @Override
  protected void prepare(Tensor ids) {
    backend.copy(tokenizer.codes(ids(ids)), codes);
  }

  @Override
  protected void decode(Tensor ids, Workspace activations, Tensor video, Trace trace) {
    tokenizer.decode(codes, 0, alone, activations, video, trace);
  }
}
