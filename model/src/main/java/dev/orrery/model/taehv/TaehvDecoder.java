package dev.orrery.model.taehv;

import dev.orrery.kernels.elementwise.Relu;
import dev.orrery.kernels.elementwise.SoftClamp;
import dev.orrery.kernels.layout.PatchOrder;
import dev.orrery.kernels.layout.Unpatchify;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.PaddedConv;
import dev.orrery.model.layers.Parameters;
import dev.orrery.runtime.memory.FeatureCache;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;
import java.util.ArrayList;
import java.util.List;

/**
 * Streaming decoder of TAEHV, the tiny autoencoder for video: a small substitute for the decoders
 * of the VAEs of Wan 2.1, Wan 2.2 and HunyuanVideo-1.5. Every {@link MemBlock} remembers one frame
 * of its input, so decoding latent by latent gives exactly what decoding everything at once would.
 *
 * <pre>
 * z [F, h, w, C] ─ 3 tanh(z / 3) ─ conv, ReLU ─ 3 x (3 MemBlocks, Upsample) ─ ReLU, conv
 *   ─ squares of p x p pixels [4F, 8h, 8w, 3 p p] ─ pixels [4F, 8ph, 8pw, 3]
 * </pre>
 *
 * <p>The last convolution counts the values of a square by colour, row, column, as PyTorch's {@code
 * pixel_shuffle} takes them.
 *
 * <p>Every latent frame becomes four frames. The usual convention is to drop the first three of a
 * video, so that it has 1 + 4 (F - 1) frames as with those VAEs; here none is dropped.
 *
 * <p>Source: {@code TAEHV} of {@code taehv.py}; the names are those of its checkpoints.
 */
public final class TaehvDecoder {
  private static final double LATENT_LIMIT = 3;
  private static final int BLOCKS = 3;
  private static final int COLOURS = 3;

  /** For each stage, whether it doubles the frames. */
  private static final List<Boolean> DOUBLES_FRAMES = List.of(false, true, true);

  private final SoftClamp clamp;
  private final PaddedConv first;
  private final List<List<MemBlock>> stages = new ArrayList<>();
  private final List<Upsample> upsamples = new ArrayList<>();
  private final PaddedConv last;
  private final Relu relu;
  private final int patch;
  private final Unpatchify unpatchify;

  /** A decoder from the tensors {@code decoder.*}. */
  public TaehvDecoder(Parameters p, TaehvConfig config) {
    Parameters decoder = p.at("decoder");
    List<Integer> widths = config.widths();
    clamp = p.kernel(SoftClamp.class);
    // The numbers also count layers without parameters: 0 is the clamp, 2 the ReLU.
    first = PaddedConv.of(decoder.at("1"), config.latentChannels(), widths.getFirst());
    int layer = 3;
    for (int stage = 0; stage < DOUBLES_FRAMES.size(); stage++) {
      int channels = widths.get(stage);
      List<MemBlock> blocks = new ArrayList<>();
      for (int i = 0; i < BLOCKS; i++) {
        blocks.add(new MemBlock(decoder.at(String.valueOf(layer++)), channels));
      }
      stages.add(blocks);
      boolean doubles = DOUBLES_FRAMES.get(stage);
      upsamples.add(new Upsample(decoder, layer, channels, widths.get(stage + 1), doubles));
      layer += 3;
    }
    patch = config.patch();
    last =
        PaddedConv.of(
            decoder.at(String.valueOf(layer + 1)), widths.getLast(), COLOURS * patch * patch);
    relu = p.kernel(Relu.class);
    unpatchify = p.kernel(Unpatchify.class);
  }

  /**
   * Decodes the next latent frames of a stream: one for the least memory, or several.
   *
   * @param latents {@code [F, h, w, C]}, normalised: as the transformer makes them
   * @param cache what the stream remembers; empty for the first frame
   * @param out {@code [4F, 8ph, 8pw, 3]}, about [0, 1], not clipped
   */
  public void decode(
      Tensor latents, FeatureCache cache, Workspace workspace, Tensor out, Trace trace) {
    cache.rewind();
    try (Workspace.Frame frame = workspace.frame()) {
      Tensor z = frame.like(latents);
      clamp.run(latents, LATENT_LIMIT, z);
      Tensor x = first.forward(z, frame);
      relu.run(x, x);
      trace.tap("first", x);
      for (int stage = 0; stage < stages.size(); stage++) {
        for (MemBlock block : stages.get(stage)) {
          block.forward(x, cache, frame);
        }
        trace.tap("stage" + stage, x);
        x = upsamples.get(stage).forward(x, frame);
      }
      relu.run(x, x);
      if (patch == 1) {
        last.into(x, out);
      } else {
        Tensor squares = last.forward(x, frame);
        int values = squares.size(3);
        unpatchify.run(
            squares.reshape(squares.elements() / values, values),
            patch,
            PatchOrder.CHANNEL_SLOWEST,
            out);
      }
    }
  }
}
