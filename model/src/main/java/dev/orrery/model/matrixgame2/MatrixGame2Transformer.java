package dev.orrery.model.matrixgame2;

import dev.orrery.kernels.attention.Attention;
import dev.orrery.kernels.attention.TemporalAttention;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.elementwise.Modulation;
import dev.orrery.kernels.elementwise.Silu;
import dev.orrery.kernels.layout.Patchify;
import dev.orrery.kernels.layout.Unpatchify;
import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.norm.LayerNorm;
import dev.orrery.kernels.norm.LayerNormModulate;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.KvCacheAttention;
import dev.orrery.model.layers.Linear;
import dev.orrery.model.layers.LinearInput;
import dev.orrery.model.layers.Parameters;
import dev.orrery.model.layers.TimestepMlp;
import dev.orrery.runtime.memory.KvCache;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * The diffusion transformer of Matrix-Game 2.0: from noisy latents of one block, the image, the
 * actions and what it remembers to the velocity that leads to clean latents.
 *
 * <pre>
 * noisy [F, h, w, 16] and condition [F, h, w, 20] ─ patches of 2x2 ─ Linear ─ tokens [F * S, C]
 * timesteps [F] ─ sinusoid ─ MLP ─ e [F, C] ─ SiLU, Linear ─ e0 [6, F, C]
 * image features [N, I] ─ LN, MLP, LN ─ context [N, C], once per session
 * tokens ─ blocks (e0, context, memory) ─ LN modulated by e ─ Linear ─ velocity [F, h, w, 16]
 * </pre>
 *
 * <p>Source: {@code CausalWanModel} of Matrix-Game 2.0.
 */
final class MatrixGame2Transformer {
  /**
   * Names of the weights that may be quantised: those of the linear layers inside the blocks,
   * around self-attention and cross-attention and in the feed-forward network. These hold 86 % of
   * the bytes. What enters them is normalised, and what they add to the residual stream is one part
   * of many, and so is its error.
   *
   * <p>Everything else stays: embeddings of patches, timesteps and images, modulation tables and
   * the head, which every token or the whole output passes through; norms and biases, which are
   * small; action modules, which read the residual stream without a norm and steer all tokens: on
   * the fixtures they would add a third and more to the error of int8, for 13 % of the bytes.
   */
  static final Predicate<String> QUANTIZABLE =
      Pattern.compile(
              "(model\\.)?blocks\\.\\d+\\.((self_attn|cross_attn)\\.[qkvo]|ffn\\.[02])\\.weight")
          .asMatchPredicate();

  private static final int MODULATION_VECTORS = 6;
  private static final double IMAGE_NORM_EPS = 1e-5;

  private final MatrixGame2TransformerConfig config;
  private final Backend backend;
  private final DType activations;
  private final Linear patchEmbedding;
  private final TimestepMlp timeEmbedding;
  private final Linear timeProjection;
  private final ImageEmbedding imageEmbedding;
  private final List<MatrixGame2Block> blocks = new ArrayList<>();
  private final Tensor headModulation;
  private final Linear head;
  private final Patchify patchify;
  private final Unpatchify unpatchify;
  private final Silu silu;
  private final Modulation modulate;
  private final LayerNorm layerNorm;
  private final LayerNormModulate layerNormModulate;
  private final Attention attention;
  private final TemporalAttention temporalAttention;

  private record ImageEmbedding(
      Tensor norm0Weight,
      Tensor norm0Bias,
      Linear proj1,
      Linear proj3,
      Tensor norm4Weight,
      Tensor norm4Bias) {}

  MatrixGame2Transformer(Parameters p, MatrixGame2TransformerConfig config) {
    this.config = config;
    this.backend = p.backend();
    this.activations = p.activations();
    int dim = config.dim();
    int patch = config.patch();
    Parameters conditioning = p.beside(DType.F32);
    patchEmbedding =
        Linear.patches(p.at("patch_embedding"), true, dim, config.inDim(), 1, patch, patch);
    timeEmbedding =
        new TimestepMlp(
            conditioning, "time_embedding.0", "time_embedding.2", config.freqDim(), dim);
    timeProjection = Linear.of(conditioning.at("time_projection.1"), dim, MODULATION_VECTORS * dim);
    imageEmbedding = imageEmbedding(p.at("img_emb.proj"));
    for (int i = 0; i < config.layers(); i++) {
      blocks.add(
          new MatrixGame2Block(p.at("blocks." + i), config, config.action().blocks().contains(i)));
    }
    headModulation = conditioning.get("head.modulation", 1, 2, dim).reshape(2, dim);
    head = Linear.of(p.at("head.head"), dim, config.outDim() * patch * patch);
    patchify = p.kernel(Patchify.class);
    unpatchify = p.kernel(Unpatchify.class);
    silu = p.kernel(Silu.class);
    modulate = p.kernel(Modulation.class);
    layerNorm = p.kernel(LayerNorm.class);
    layerNormModulate = p.kernel(LayerNormModulate.class);
    attention = p.kernel(Attention.class);
    temporalAttention = p.kernel(TemporalAttention.class);
  }

  private ImageEmbedding imageEmbedding(Parameters p) {
    int image = config.imageDim();
    int dim = config.dim();
    return new ImageEmbedding(
        p.get("0.weight", image),
        p.get("0.bias", image),
        Linear.of(p.at("1"), image, image),
        Linear.of(p.at("3"), image, dim),
        p.get("4.weight", dim),
        p.get("4.bias", dim));
  }

  /**
   * The image's tokens as the cross-attention layers take them.
   *
   * @param features output of the image encoder, {@code [N, I]}
   * @param out {@code [N, C]}
   */
  void imageContext(Tensor features, Workspace workspace, Tensor out) {
    int tokens = features.size(0);
    ImageEmbedding embedding = imageEmbedding;
    try (Workspace.Frame frame = workspace.frame()) {
      Tensor y = frame.like(features, tokens, config.imageDim());
      Tensor hidden = frame.like(features, tokens, config.imageDim());
      layerNorm.run(features, embedding.norm0Weight(), embedding.norm0Bias(), IMAGE_NORM_EPS, y);
      embedding.proj1().forward(LinearInput.of(y, frame), Activation.GELU_ERF, hidden);
      embedding.proj3().forward(LinearInput.of(hidden, frame), out);
      layerNorm.run(out, embedding.norm4Weight(), embedding.norm4Bias(), IMAGE_NORM_EPS, out);
    }
  }

  /**
   * Empty caches of a session, and the keys and values of its start image.
   *
   * @param imageContext see {@link #imageContext}
   * @param tokensPerFrame tokens of a latent frame
   * @param workspace memory for the time of the call
   * @param arena owner of the caches
   */
  MatrixGame2KvState kvState(
      Tensor imageContext, int tokensPerFrame, Workspace workspace, TensorArena arena) {
    List<MatrixGame2KvState.Layer> layers = new ArrayList<>();
    int headDim = config.dim() / config.heads();
    for (MatrixGame2Block block : blocks) {
      KvCache self =
          cache(arena, config.sinkSize() * tokensPerFrame, tokensPerFrame, config.heads(), headDim);
      layers.add(
          new MatrixGame2KvState.Layer(
              new KvCacheAttention(self, attention::run),
              block.crossAttention().keysAndValues(imageContext, workspace, arena),
              block.hasActions() ? actionKvState(tokensPerFrame, arena) : null));
    }
    return new MatrixGame2KvState(layers);
  }

  private ActionModule.KvState actionKvState(int tokensPerFrame, TensorArena arena) {
    ActionConfig action = config.action();
    KvCacheAttention mouse = null;
    if (action.enableMouse()) {
      KvCache cache = cache(arena, 0, 1, tokensPerFrame, action.heads(), action.mouseHeadDim());
      mouse = new KvCacheAttention(cache, temporalAttention::run);
    }
    KvCacheAttention keyboard = null;
    if (action.enableKeyboard()) {
      KvCache cache = cache(arena, 0, 1, action.heads(), action.keyboardHeadDim());
      keyboard = new KvCacheAttention(cache, attention::run);
    }
    return new ActionModule.KvState(mouse, keyboard);
  }

  /** A cache of as many frames as a query sees; {@code frame} are the extents of one. */
  private KvCache cache(TensorArena arena, int sinkRows, long... frame) {
    long[] extents = frame.clone();
    extents[0] *= config.localAttnSize();
    return new KvCache(backend, arena, activations, sinkRows, extents);
  }

  /**
   * One pass: predicts the velocity and leaves the block's keys and values in the memory.
   *
   * @param noisy {@code [F, h, w, 16]}
   * @param condition mask and image latents, {@code [F, h, w, 20]}
   * @param timesteps {@code [F]}, 0 to 1000
   * @param step positions and actions of the block
   * @param velocity {@code [F, h, w, 16]}
   */
  void forward(
      Tensor noisy,
      Tensor condition,
      Tensor timesteps,
      MatrixGame2Chunk step,
      MatrixGame2KvState memory,
      Workspace workspace,
      Tensor velocity,
      Trace trace) {
    int frames = noisy.size(0);
    int dim = config.dim();
    int patch = config.patch();
    try (Workspace.Frame frame = workspace.frame()) {
      Tensor e = frame.empty(DType.F32, frames, dim);
      Tensor e0 = frame.empty(DType.F32, MODULATION_VECTORS, frames, dim);
      embedTimesteps(timesteps, e, e0, workspace);
      trace.tap("time_embedding", e);
      trace.tap("time_projection", e0);

      int tokens = frames * step.tokensPerFrame();
      Tensor x = frame.empty(activations, tokens, dim);
      try (Workspace.Frame inner = workspace.frame()) {
        Tensor patches = inner.like(x, tokens, (long) config.inDim() * patch * patch);
        patchify.run(noisy, patch, 0, patches);
        patchify.run(condition, patch, noisy.size(3) * patch * patch, patches);
        patchEmbedding.forward(LinearInput.of(patches, inner), x);
      }
      trace.tap("patch_tokens", x);

      for (int i = 0; i < blocks.size(); i++) {
        blocks
            .get(i)
            .forward(x, e0, step, memory.layers().get(i), workspace, trace.at("block" + i));
      }

      Tensor m = frame.empty(DType.F32, 2, frames, dim);
      modulate.run(headModulation, e.reshape(1, frames, dim), m);
      layerNormModulate.run(x, m.row(0), m.row(1), config.eps(), x);
      Tensor y = frame.like(x, tokens, (long) config.outDim() * patch * patch);
      head.forward(LinearInput.of(x, frame), y);
      trace.tap("head_out", y);
      unpatchify.run(y, patch, velocity);
    }
  }

  /** {@code e} feeds the head, {@code e0} the blocks: six vectors for each frame. */
  private void embedTimesteps(Tensor timesteps, Tensor e, Tensor e0, Workspace workspace) {
    int frames = timesteps.size(0);
    int dim = config.dim();
    timeEmbedding.forward(timesteps, workspace, e);
    try (Workspace.Frame frame = workspace.frame()) {
      Tensor hidden = frame.empty(DType.F32, frames, dim);
      silu.run(e, hidden);
      LinearInput input = LinearInput.of(hidden, frame);
      for (int i = 0; i < MODULATION_VECTORS; i++) {
        timeProjection.outputs(i * dim, (i + 1) * dim).forward(input, e0.row(i));
      }
    }
  }
}
