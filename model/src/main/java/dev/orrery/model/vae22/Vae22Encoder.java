package dev.orrery.model.vae22;

import dev.orrery.kernels.elementwise.Convert;
import dev.orrery.kernels.layout.PatchOrder;
import dev.orrery.kernels.layout.Patchify;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.Linear;
import dev.orrery.model.layers.Parameters;
import dev.orrery.model.vae.CausalConv;
import dev.orrery.model.vae.Head;
import dev.orrery.model.vae.Middle;
import dev.orrery.model.vae.StreamedChunk;
import dev.orrery.model.vae.VaeStyle;
import dev.orrery.runtime.memory.FeatureCache;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;
import java.util.ArrayList;
import java.util.List;

/**
 * Streaming encoder of the Wan 2.2 VAE: pixels to means and log-variances of the latents. The first
 * latent frame of a stream comes from one video frame, each later one from four. {@link
 * LatentPosterior} draws latents from the result.
 *
 * <pre>
 * pixels [T, Y, X, 3] ─ squares of 2x2 ─ conv_in ─ 4 x EncoderStage ─ mid_block ─ norm_out, SiLU, conv_out ─ quant_conv 1x1x1
 *   ─ moments [1 or T/4, Y/16, X/16, 2 x 48], fp32
 * </pre>
 *
 * <p>Source: {@code WanEncoder3d} of Diffusers' {@code autoencoder_kl_wan.py}.
 */
public final class Vae22Encoder {
  private final Vae22Config config;
  private final Patchify patchify;
  private final CausalConv convIn;
  private final List<EncoderStage> stages = new ArrayList<>();
  private final Middle middle;
  private final Head head;
  private final Linear quantConv;
  private final Convert convert;

  /** An encoder from the tensors {@code encoder.*} and {@code quant_conv.*}. */
  public Vae22Encoder(Parameters p, Vae22Config config) {
    this.config = config;
    Parameters encoder = p.at("encoder");
    patchify = p.kernel(Patchify.class);
    convIn = PackedPixels.firstConv(encoder.at("conv_in"), config.encoderDim());
    for (int stage = 0; stage <= config.lastStage(); stage++) {
      stages.add(new EncoderStage(encoder, config, stage));
    }
    int channels = config.encoderChannels(config.lastStage());
    int moments = 2 * config.latentChannels();
    middle = new Middle(encoder, VaeStyle.DIFFUSERS, channels);
    head = new Head(encoder, VaeStyle.DIFFUSERS, channels, moments);
    quantConv = Linear.pointwise(p.at("quant_conv"), moments, moments, 3);
    convert = p.kernel(Convert.class);
  }

  /**
   * Encodes the next frames of a stream.
   *
   * @param video {@code [1, Y, X, 3]} in the first call of a stream, {@code [4n, Y, X, 3]} later,
   *     in [-1, 1], of the dtype to compute in; Y and X multiples of 16
   * @param cache what the stream remembers; empty for the first frame
   * @param out {@code [1 or n, Y/16, X/16, 96]}, fp32: the means of a latent pixel's channels, then
   *     the logarithms of their variances; not normalised
   * @throws IllegalArgumentException for a shape that does not fit
   */
  public void encode(
      Tensor video, FeatureCache cache, Workspace workspace, Tensor out, Trace trace) {
    int frames = video.size(0);
    StreamedChunk.ofVideo(video, cache);
    int rows = video.size(1) / PackedPixels.SIDE;
    int columns = video.size(2) / PackedPixels.SIDE;
    try (Workspace.Frame frame = workspace.frame()) {
      Tensor squares = frame.like(video, (long) frames * rows * columns, PackedPixels.CHANNELS);
      patchify.run(video, PackedPixels.SIDE, PatchOrder.CHANNEL_SLOWEST, 0, squares);
      squares = squares.reshape(frames, rows, columns, PackedPixels.CHANNELS);
      Tensor x = convIn.forward(squares, cache, frame);
      trace.tap("conv_in", x);
      for (EncoderStage stage : stages) {
        x = stage.forward(x, cache, frame, trace);
      }
      Tensor raw = head.forward(middle.forward(x, cache, frame, trace), cache, frame);
      trace.tap("conv_out", raw);
      int moments = 2 * config.latentChannels();
      long pixels = raw.elements() / moments;
      Tensor mixed = quantConv.forward(raw.reshape(pixels, moments), frame);
      convert.run(mixed, out.reshape(pixels, moments));
    }
  }
}
