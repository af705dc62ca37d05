package dev.orrery.model.jafar;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.elementwise.Convert;
import dev.orrery.kernels.layout.PatchOrder;
import dev.orrery.kernels.layout.Patchify;
import dev.orrery.kernels.layout.Unpatchify;
import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.genie.FrameCache;
import dev.orrery.model.layers.Parameters;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;

/**
 * Frames to tokens and back.
 *
 * <pre>
 * frames [F, Y, X, 3] ─ patches ─ transformer ─ nearest codes ─ ids [F * S]
 * ids [F * S] ─ codes ─ transformer, sigmoid ─ patches ─ frames [F, Y, X, 3]
 * </pre>
 *
 * <p>Pixels are in [0, 1]. Both transformers see the frames before.
 *
 * <p>Source: {@code TokenizerVQVAE} of jafar's {@code models/tokenizer.py}.
 */
final class JafarTokenizer {
  private final JafarConfig config;
  private final Backend backend;
  private final DType activations;
  private final JafarTransformer encoder;
  private final Codebook codebook;
  private final JafarTransformer decoder;
  private final Patchify patchify;
  private final Unpatchify unpatchify;
  private final Convert convert;

  /** Takes the tensors {@code tokenizer.*}. */
  JafarTokenizer(Parameters p, JafarConfig config) {
    this.config = config;
    backend = p.backend();
    activations = p.activations();
    int tokens = config.tokens();
    int frames = config.frames();
    int values = config.patchValues();
    int dim = config.codeDim();
    JafarConfig.Sizes sizes = config.tokenizer();
    encoder = new JafarTransformer(p.at("encoder"), sizes, values, dim, tokens, frames);
    codebook = new Codebook(p.at("vq"), config.codes(), dim);
    decoder = new JafarTransformer(p.at("decoder"), sizes, dim, values, tokens, frames);
    patchify = p.kernel(Patchify.class);
    unpatchify = p.kernel(Unpatchify.class);
    convert = p.kernel(Convert.class);
  }

  /** Room for what the encoder remembers of some frames. */
  FrameCache newEncoderCache(int frames, TensorArena arena) {
    return encoder.newCache(frames, arena);
  }

  /** Room for what the decoder remembers of some frames. */
  FrameCache newDecoderCache(int frames, TensorArena arena) {
    return decoder.newCache(frames, arena);
  }

  /**
   * What the encoder says about some frames, before the nearest codes are looked up.
   *
   * @param frames {@code [F, Y, X, 3]} in [0, 1]
   * @param first place of the first of them in the window
   * @param cache what is remembered of those before
   * @param z {@code [F * S, dim]}, fp32
   */
  void encode(
      Tensor frames, int first, FrameCache cache, Workspace workspace, Tensor z, Trace trace) {
    try (Workspace.Frame frame = workspace.frame()) {
      Tensor patches = frame.empty(activations, z.size(0), config.patchValues());
      patchify.run(frames, config.patch(), PatchOrder.CHANNEL_FASTEST, 0, patches);
      encoder.forward(patches, first, cache, Activation.NONE, frame, z, trace);
    }
  }

  /** The ids of what {@link #encode} gave; waits for it. */
  int[] ids(Tensor z) {
    float[] values = new float[Math.toIntExact(z.elements())];
    backend.copy(z, Tensor.of(values, z.shape().extents()));
    backend.synchronize();
    return codebook.nearest(values);
  }

  /** The codes of some tokens, to be brought to the backend: {@code [ids, dim]}, fp32. */
  Tensor codes(int[] ids) {
    return codebook.vectors(ids);
  }

  /**
   * Decodes some frames.
   *
   * @param codes {@code [F * S, dim]}, fp32
   * @param first place of the first of them in the window
   * @param cache what is remembered of those before
   * @param frames {@code [F, Y, X, 3]} in [0, 1]
   */
  void decode(
      Tensor codes, int first, FrameCache cache, Workspace workspace, Tensor frames, Trace trace) {
    try (Workspace.Frame frame = workspace.frame()) {
      Tensor x = frame.empty(activations, codes.shape().extents());
      convert.run(codes, x);
      Tensor patches = frame.empty(DType.F32, codes.size(0), config.patchValues());
      decoder.forward(x, first, cache, Activation.SIGMOID, frame, patches, trace);
      unpatchify.run(patches, config.patch(), PatchOrder.CHANNEL_FASTEST, frames);
    }
  }
}
