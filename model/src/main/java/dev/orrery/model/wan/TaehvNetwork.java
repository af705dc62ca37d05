package dev.orrery.model.wan;

import dev.orrery.kernels.elementwise.ChannelAffine;
import dev.orrery.kernels.elementwise.Convert;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.Parameters;
import dev.orrery.model.taehv.TaehvConfig;
import dev.orrery.model.taehv.TaehvDecoder;
import dev.orrery.runtime.memory.FeatureCache;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;

/**
 * TAEHV in the place of an autoencoder's decoder: many times faster, with softer frames. Its pixels
 * are in [0, 1], and of the four frames that it makes of the first latent frame only the last one
 * counts.
 */
public final class TaehvNetwork implements WanFrameDecoder.Network {
  private final TaehvDecoder decoder;
  private final Tensor scale;
  private final Tensor offset;
  private final Convert convert;
  private final ChannelAffine affine;

  /** Takes the tensors {@code decoder.*}. */
  public TaehvNetwork(Parameters p, TaehvConfig config) {
    decoder = new TaehvDecoder(p, config);
    scale = p.constant(new float[] {2, 2, 2});
    offset = p.constant(new float[] {-1, -1, -1});
    convert = p.kernel(Convert.class);
    affine = p.kernel(ChannelAffine.class);
  }

  @Override
  public void decode(
      Tensor latent, FeatureCache cache, Workspace workspace, Tensor out, Trace trace) {
    try (Workspace.Frame frame = workspace.frame()) {
      Tensor z = frame.like(out, latent.shape().extents());
      convert.run(latent, z);
      Tensor video = frame.like(out, TaehvConfig.TEMPORAL_RATIO, out.size(1), out.size(2), 3);
      decoder.decode(z, cache, workspace, video, trace);
      int frames = out.size(0);
      Tensor last = video.slice(TaehvConfig.TEMPORAL_RATIO - frames, TaehvConfig.TEMPORAL_RATIO);
      affine.run(pixels(last), scale, offset, pixels(out));
    }
  }

  private static Tensor pixels(Tensor video) {
    return video.reshape(video.elements() / 3, 3);
  }
}
