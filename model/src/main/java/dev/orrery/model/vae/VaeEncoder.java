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
 * Streaming encoder of the Wan 2.1 VAE: pixels to the means of the latents (the log-variances are
 * dropped), one latent frame at a time; the first one comes from one video frame, each later one
 * from four.
 *
 * <pre>
 * pixels [1 or 4, Y, X, 3] ─ conv1 ─ stages of residual blocks, Downsample between them ─ middle ─ head ─ conv1 1x1x1
 *   ─ (· - mean) / std ─ z [1, Y/8, X/8, 16]
 * </pre>
 *
 * <p>Source: {@code Encoder3d} of Wan 2.1's {@code vae.py}.
 */
public final class VaeEncoder {
  private final VaeConfig config;
  private final CausalConv conv1;
  private final List<ResidualStage> stages = new ArrayList<>();
  private final List<Downsample> downsamples = new ArrayList<>();
  private final Middle middle;
  private final Head head;
  private final Linear means;
  private final Tensor scale;
  private final Tensor offset;
  private final ChannelAffine affine;

  /** An encoder from the tensors {@code conv1.*} and {@code encoder.*}. */
  public VaeEncoder(Parameters p, VaeConfig config) {
    this.config = config;
    int z = config.latentChannels();
    Parameters encoder = p.at("encoder");
    int channels = config.dim();
    conv1 = new CausalConv(encoder.at("conv1"), 3, channels, 3, 3);
    int blocks = config.resBlocks();
    int layer = 0;
    int last = config.multipliers().size() - 1;
    for (int stage = 0; stage <= last; stage++) {
      int out = stageChannels(stage);
      List<String> names = ResidualStage.consecutive("downsamples", layer, blocks);
      stages.add(new ResidualStage(encoder, VaeStyle.WAN, names, channels, out));
      layer += blocks;
      channels = out;
      if (stage < last) {
        boolean temporal = config.temporalDownsample().get(stage);
        downsamples.add(new Downsample(encoder, "downsamples." + layer++, out, temporal));
      }
    }
    middle = new Middle(encoder, VaeStyle.WAN, channels);
    head = new Head(encoder, VaeStyle.WAN, channels, 2 * z);
    means = Linear.pointwise(p.at("conv1"), 2 * z, 2 * z, 3).outputs(0, z);
    float[] scales = new float[z];
    float[] offsets = new float[z];
    for (int c = 0; c < z; c++) {
      scales[c] = 1 / config.std()[c];
      offsets[c] = -config.mean()[c] / config.std()[c];
    }
    scale = p.constant(scales);
    offset = p.constant(offsets);
    affine = p.kernel(ChannelAffine.class);
  }

  private int stageChannels(int stage) {
    return config.dim() * config.multipliers().get(stage);
  }

  /**
   * How many latent frames back a latent frame can see. Every causal convolution of three frames
   * reaches two frames back at the rate it runs at.
   */
  public int reachInLatentFrames() {
    int rate = 1;
    int reach = 2;
    for (int stage = 0; stage < stages.size(); stage++) {
      reach += 2 * 2 * config.resBlocks() * rate;
      if (stage < downsamples.size() && config.temporalDownsample().get(stage)) {
        reach += 2 * rate;
        rate *= 2;
      }
    }
    reach += (2 * 2 * 2 + 2) * rate;
    return (reach + VaeConfig.TEMPORAL_RATIO - 1) / VaeConfig.TEMPORAL_RATIO;
  }

  /**
   * Encodes the next latent frame of a stream.
   *
   * @param video {@code [1, Y, X, 3]} for the first latent frame, {@code [4, Y, X, 3]} for later
   *     ones, in [-1, 1], of the dtype to compute in
   * @param cache what the stream remembers; empty for the first frame
   * @param out {@code [1, Y/8, X/8, 16]}, fp32, normalised
   */
  public void encode(
      Tensor video, FeatureCache cache, Workspace workspace, Tensor out, Trace trace) {
    cache.rewind();
    int z = config.latentChannels();
    try (Workspace.Frame frame = workspace.frame()) {
      Tensor x = conv1.forward(video, cache, frame);
      trace.tap("conv1", x);
      for (int stage = 0; stage < stages.size(); stage++) {
        x = stages.get(stage).replace(x, cache, frame, trace);
        if (stage < downsamples.size()) {
          x = downsamples.get(stage).forward(x, cache, frame, trace);
        }
      }
      Tensor moments = head.forward(middle.forward(x, cache, frame, trace), cache, frame);
      trace.tap("head.2", moments);
      long pixels = moments.elements() / (2L * z);
      Tensor latents = means.forward(moments.reshape(pixels, 2L * z), frame);
      affine.run(latents, scale, offset, out.reshape(pixels, z));
    }
  }
}
