package dev.orrery.model.genie1x;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.image.PixelRange;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.magvit2.Magvit2Decoder;
import dev.orrery.model.magvit2.SignCode;
import dev.orrery.model.session.SessionResources;
import dev.orrery.model.session.SingleFrameDecoder;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;

/** Token ids to frames, by the signs that they stand for. */
final class Genie1xFrameDecoder extends SingleFrameDecoder {
  private final Magvit2Decoder decoder;
  private final SignCode signs;
  private final Backend backend;
  private final Tensor code;

  Genie1xFrameDecoder(Genie1xConfig config, Magvit2Decoder decoder, SessionResources resources) {
    super(
        resources,
        resources.backend().computeTypes().autoencoder(),
        PixelRange.SIGNED,
        config.side(),
        config.side());
    this.decoder = decoder;
    signs = new SignCode(config.magvit2().bits());
    backend = resources.backend();
    int grid = config.transformer().side();
    code = resources.arena().empty(DType.F32, 1, grid, grid, signs.bits());
  }

  @Override
  protected void prepare(Tensor ids) {
    backend.copy(Tensor.of(signs.code(ids(ids)), code.shape().extents()), code);
  }

  @Override
  protected void decode(Tensor ids, Workspace activations, Tensor video, Trace trace) {
    decoder.decode(code, activations, video, trace);
  }
}
