package dev.orrery.model.vae;

import dev.orrery.kernels.elementwise.ChannelAffine;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.Linear;
import dev.orrery.model.layers.Parameters;
import dev.orrery.runtime.memory.FeatureCache;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;
import java.util.ArrayList;
import java.util.List;

/**
 * Streaming decoder of the Wan 2.1 VAE: latents to pixels, one latent frame at a time. What it
 * remembers between frames is a {@link FeatureCache}, so decoding block by block gives exactly what
 * decoding everything at once would.
 *
 * <pre>
 * z [1, h, w, 16] ─ · std + mean ─ conv2 1x1x1 ─ conv1 ─ middle ─ stages of residual blocks, Upsample between them ─ head
 *   ─ pixels [1 or 4, 8h, 8w, 3]
 * </pre>
 *
 * <p>Source: {@code Decoder3d} of Wan 2.1's {@code vae.py}.
 */
public final class VaeDecoder {
  private final VaeConfig config;
  private final Tensor std;
  private final Tensor mean;
  private final Linear conv2;
  private final CausalConv conv1;
  private final Middle middle;
  private final List<ResidualStage> stages = new ArrayList<>();
  private final List<Upsample> upsamples = new ArrayList<>();
  private final Head head;
  private final ChannelAffine affine;

  /** A decoder from the tensors {@code conv2.*} and {@code decoder.*}. */
  public VaeDecoder(Parameters p, VaeConfig config) {
    this.config = config;
    int z = config.latentChannels();
    std = p.constant(config.std());
    mean = p.constant(config.mean());
    conv2 = Linear.pointwise(p.at("conv2"), z, z, 3);
    Parameters decoder = p.at("decoder");
    int last = config.multipliers().size() - 1;
    int channels = stageChannels(0);
    conv1 = new CausalConv(decoder.at("conv1"), z, channels, 3, 3);
    middle = new Middle(decoder, VaeStyle.WAN, channels);
    int blocks = config.resBlocks() + 1;
    int layer = 0;
    for (int stage = 0; stage <= last; stage++) {
      int out = stageChannels(stage);
      List<String> names = ResidualStage.consecutive("upsamples", layer, blocks);
      stages.add(new ResidualStage(decoder, VaeStyle.WAN, names, channels, out));
      layer += blocks;
      if (stage < last) {
        boolean temporal = config.temporalDownsample().get(last - 1 - stage);
        upsamples.add(new Upsample(decoder, "upsamples." + layer++, out, out / 2, temporal));
        channels = out / 2;
      }
    }
    head = new Head(decoder, VaeStyle.WAN, stageChannels(last), 3);
    affine = p.kernel(ChannelAffine.class);
  }

  private int stageChannels(int stage) {
    int last = config.multipliers().size() - 1;
    return config.dim() * config.multipliers().get(last - stage);
  }

  /** Video frames that latent frame {@code index} of a stream becomes. */
  public static int videoFrames(long index) {
    return index == 0 ? 1 : VaeConfig.TEMPORAL_RATIO;
  }

  /**
   * Decodes the next latent frame of a stream.
   *
   * @param latent {@code [1, h, w, 16]}, fp32, normalised
   * @param cache what the stream remembers; empty for the first frame
   * @param out {@code [videoFrames, 8h, 8w, 3]}, about [-1, 1], not clipped, of the dtype to
   *     compute in
   */
  public void decode(
      Tensor latent, FeatureCache cache, Workspace workspace, Tensor out, Trace trace) {
    cache.rewind();
    int rows = latent.size(1);
    int columns = latent.size(2);
    int z = config.latentChannels();
    try (Workspace.Frame frame = workspace.frame()) {
      Tensor denormalised = frame.like(out, (long) rows * columns, z);
      affine.run(latent.reshape((long) rows * columns, z), std, mean, denormalised);
      Tensor mixed = conv2.forward(denormalised, frame).reshape(1, rows, columns, z);
      Tensor x = conv1.forward(mixed, cache, frame);
      trace.tap("conv1", x);
      x = middle.forward(x, cache, frame, trace);
      for (int stage = 0; stage < stages.size(); stage++) {
        x = stages.get(stage).replace(x, cache, frame, trace);
        if (stage < upsamples.size()) {
          x = upsamples.get(stage).forward(x, cache, frame, trace);
        }
      }
      head.into(x, cache, out, frame);
      trace.tap("head.2", out);
    }
  }
}
