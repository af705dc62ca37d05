package dev.orrery.model.hunyuanvae;

import dev.orrery.kernels.elementwise.Convert;
import dev.orrery.kernels.layout.DownsampleShortcut;
import dev.orrery.kernels.layout.PatchOrder;
import dev.orrery.kernels.tensor.Check;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.Parameters;
import dev.orrery.model.vae.CausalConv;
import dev.orrery.model.vae.Head;
import dev.orrery.model.vae.Middle;
import dev.orrery.model.vae.ResidualStage;
import dev.orrery.model.vae.StreamedChunk;
import dev.orrery.model.vae.VaeStyle;
import dev.orrery.runtime.memory.FeatureCache;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;
import java.util.ArrayList;
import java.util.List;

/**
 * Streaming encoder of HunyuanVideo-1.5's autoencoder: pixels to means and log-variances of the
 * latents. The first latent frame of a stream comes from one video frame, each later one from four.
 * {@link #latents} makes of the result what a transformer sees.
 *
 * <pre>
 * pixels [T, Y, X, 3] ─ conv_in ─ 5 levels of residual blocks, BoxDownsample between them ─ mid ─ norm_out, SiLU, conv_out ─ (+)
 *   ─ moments [1 or T/4, Y/16, X/16, 2 x 32], fp32                                              └ means of neighbours ─────┘
 * </pre>
 *
 * <p>Source: {@code AutoencoderKLConv3D} of HunyuanVideo-1.5, as HY-WorldPlay streams it.
 */
public final class HunyuanVaeEncoder {
  private final HunyuanVaeConfig config;
  private final CausalConv convIn;
  private final List<ResidualStage> levels = new ArrayList<>();
  private final List<BoxDownsample> downsamples = new ArrayList<>();
  private final Middle middle;
  private final Head head;
  private final DownsampleShortcut shortcut;
  private final Convert convert;

  /** An encoder from the tensors {@code encoder.*}. */
  public HunyuanVaeEncoder(Parameters p, HunyuanVaeConfig config) {
    this.config = config;
    Parameters encoder = p.at("encoder");
    VaeStyle style = VaeStyle.HUNYUAN;
    convIn =
        style.conv(encoder.at("conv_in.conv"), HunyuanVaeConfig.COLOURS, config.encoderChannels(0));
    for (int level = 0; level <= config.lastLevel(); level++) {
      String name = "down." + level;
      int channels = config.encoderChannels(level);
      List<String> blocks = ResidualStage.consecutive(name + ".block", 0, config.resBlocks());
      levels.add(new ResidualStage(encoder, style, blocks, channels, channels));
      if (level < config.lastLevel()) {
        boolean temporal = config.encoderHalvesFrames(level);
        int next = config.encoderChannels(level + 1);
        downsamples.add(new BoxDownsample(encoder, name, channels, next, temporal));
      }
    }
    int widest = config.encoderChannels(config.lastLevel());
    middle = new Middle(encoder, style, widest);
    head = new Head(encoder, style, widest, 2 * config.latentChannels());
    shortcut = encoder.kernel(DownsampleShortcut.class);
    convert = p.kernel(Convert.class);
  }

  /**
   * Encodes the next frames of a stream.
   *
   * @param video {@code [1, Y, X, 3]} in the first call of a stream, {@code [4n, Y, X, 3]} later,
   *     in [-1, 1], of the dtype to compute in; Y and X multiples of 16
   * @param cache what the stream remembers; empty for the first frame
   * @param out {@code [1 or n, Y/16, X/16, 2C]}, fp32: the means of a latent pixel's channels, then
   *     the logarithms of their variances; not scaled
   * @throws IllegalArgumentException for a shape that does not fit
   */
  public void encode(
      Tensor video, FeatureCache cache, Workspace workspace, Tensor out, Trace trace) {
    StreamedChunk.ofVideo(video, cache);
    try (Workspace.Frame frame = workspace.frame()) {
      Tensor x = convIn.forward(video, cache, frame);
      trace.tap("conv_in", x);
      for (int level = 0; level < levels.size(); level++) {
        x = levels.get(level).replace(x, cache, frame, trace);
        if (level < downsamples.size()) {
          x = downsamples.get(level).forward(x, cache, frame, trace);
        }
      }
      x = middle.forward(x, cache, frame, trace);
      Tensor moments = head.forward(x, cache, frame);
      shortcut.run(x, 1, 1, PatchOrder.CHANNEL_FASTEST, moments);
      trace.tap("moments", moments);
      convert.run(moments, out);
    }
  }

  /**
   * The latents that a transformer sees: the means, scaled. It is done once a session, for one
   * frame, and on the host.
   *
   * @param moments {@code [P, 2C]}: of each pixel the means, then the logarithms of the variances
   * @return {@code [P, C]}
   * @throws IllegalArgumentException if the length does not fit the config's channels
   */
  public float[] latents(float[] moments) {
    int channels = config.latentChannels();
    Check.multiple("moments", moments.length, "values of a pixel", 2 * channels);
    float[] latents = new float[moments.length / 2];
    for (int i = 0; i < latents.length; i++) {
      double mean = moments[i / channels * 2 * channels + i % channels];
      latents[i] = (float) (mean * config.scale());
    }
    return latents;
  }
}
