package dev.orrery.model.worldplay;

import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.elementwise.Add;
import dev.orrery.kernels.elementwise.Modulation;
import dev.orrery.kernels.elementwise.Silu;
import dev.orrery.kernels.layout.Patchify;
import dev.orrery.kernels.layout.Unpatchify;
import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.norm.LayerNormModulate;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.Linear;
import dev.orrery.model.layers.LinearInput;
import dev.orrery.model.layers.Parameters;
import dev.orrery.model.layers.TimestepMlp;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * The diffusion transformer of WorldPlay-5B: from noisy latents of a chunk, the prompt, the cameras
 * and what it was reminded of to the velocity that leads to clean latents.
 *
 * <pre>
 * noisy [F, h, w, 48] ─ patches of 2x2 ─ Linear ─ tokens [F * S, C]
 * timesteps [F] ─ MLP ─ (+) ─ temb [F, C] ─ SiLU, Linear ─ [6, F, C]
 * actions [F] ── MLP ──┘
 * text [N, 4096] ─ Linear, GELU, Linear ─ context [N, C], once per prompt
 * tokens ─ blocks ─ LN modulated by temb ─ Linear ─ velocity [F, h, w, 48]
 * </pre>
 *
 * <p>Source: the WAN transformer of HY-WorldPlay.
 */
final class WorldPlayTransformer {
  /**
   * Names of the weights that may be quantised: those of the linear layers inside the blocks,
   * around both attentions and in the feed-forward network. They hold most of the bytes, what
   * enters them is normalised, and what they add to the residual stream is one part of many, and so
   * is its error. Embeddings, modulation tables, the head, norms and biases stay.
   */
  static final Predicate<String> QUANTIZABLE =
      Pattern.compile(
              "blocks\\.\\d+\\.(attn1\\.to_out_prope\\.0|attn[12]\\.(to_[qkv]|to_out\\.0)"
                  + "|ffn\\.net\\.(0\\.proj|2))\\.weight")
          .asMatchPredicate();

  private final WorldPlayTransformerConfig config;
  private final DType activations;
  private final Linear patchEmbedding;
  private final TimestepMlp timeEmbedding;
  private final TimestepMlp actionEmbedding;
  private final Linear timeProjection;
  private final Linear textEmbedding1;
  private final Linear textEmbedding2;
  private final List<WorldPlayBlock> blocks = new ArrayList<>();
  private final Tensor headModulation;
  private final Linear head;
  private final Patchify patchify;
  private final Unpatchify unpatchify;
  private final Add add;
  private final Silu silu;
  private final Modulation modulate;
  private final LayerNormModulate layerNormModulate;

  WorldPlayTransformer(Parameters p, WorldPlayTransformerConfig config) {
    this.config = config;
    activations = p.activations();
    int dim = config.dim();
    int patch = config.patch();
    Parameters conditioning = p.beside(DType.F32);
    Parameters embedder = conditioning.at("condition_embedder");
    patchEmbedding =
        Linear.patches(p.at("patch_embedding"), true, dim, config.channels(), 1, patch, patch);
    timeEmbedding =
        new TimestepMlp(
            embedder.at("time_embedder"), "linear_1", "linear_2", config.freqDim(), dim);
    actionEmbedding =
        new TimestepMlp(
            embedder.at("action_embedder"), "linear_1", "linear_2", config.freqDim(), dim);
    timeProjection = Linear.of(embedder.at("time_proj"), dim, WorldPlayBlock.VECTORS * dim);
    Parameters text = p.at("condition_embedder.text_embedder");
    textEmbedding1 = Linear.of(text.at("linear_1"), config.textDim(), dim);
    textEmbedding2 = Linear.of(text.at("linear_2"), dim, dim);
    for (int i = 0; i < config.layers(); i++) {
      blocks.add(new WorldPlayBlock(p.at("blocks." + i), config));
    }
    headModulation = conditioning.get("scale_shift_table", 1, 2, dim).reshape(2, dim);
    head = Linear.of(p.at("proj_out"), dim, patch * patch * config.channels());
    patchify = p.kernel(Patchify.class);
    unpatchify = p.kernel(Unpatchify.class);
    add = p.kernel(Add.class);
    silu = p.kernel(Silu.class);
    modulate = p.kernel(Modulation.class);
    layerNormModulate = p.kernel(LayerNormModulate.class);
  }

  /**
   * The prompt's tokens as the cross-attention layers take them.
   *
   * @param text output of the text encoder, padding zeroed, {@code [N, textDim]}
   * @param out {@code [N, C]}
   */
  void textContext(Tensor text, Workspace workspace, Tensor out) {
    try (Workspace.Frame frame = workspace.frame()) {
      Tensor hidden = frame.like(out, out.shape().extents());
      textEmbedding1.forward(LinearInput.of(text, frame), Activation.GELU_TANH, hidden);
      textEmbedding2.forward(LinearInput.of(hidden, frame), out);
    }
  }

  /**
   * Room for a window and the keys and values of a prompt.
   *
   * @param textContext see {@link #textContext}
   * @param tokens tokens of the longest window, memory and chunk together
   * @param workspace memory for the time of the call
   * @param arena owner of the memory
   */
  WorldPlayKvState memory(Tensor textContext, int tokens, Workspace workspace, TensorArena arena) {
    List<WorldPlayKvState.Layer> layers = new ArrayList<>();
    long[] window = {tokens, config.heads(), config.headDim()};
    for (WorldPlayBlock block : blocks) {
      layers.add(
          new WorldPlayKvState.Layer(
              arena.empty(activations, window),
              arena.empty(activations, window),
              arena.empty(activations, window),
              block.crossAttention().keysAndValues(textContext, workspace, arena)));
    }
    return new WorldPlayKvState(layers);
  }

  /**
   * One pass over some frames, which leaves their keys and values in the window.
   *
   * @param noisy latents {@code [F, h, w, channels]}
   * @param timesteps {@code [F]}, 0 to 1000
   * @param actions action classes {@code [F]}, as fp32
   * @param velocity {@code [F, h, w, channels]}, or null for a pass that only fills the window
   */
  void forward(
      Tensor noisy,
      Tensor timesteps,
      Tensor actions,
      WorldPlayPositions step,
      WorldPlayKvState memory,
      Workspace workspace,
      Tensor velocity,
      Trace trace) {
    int frames = noisy.size(0);
    int dim = config.dim();
    int patch = config.patch();
    try (Workspace.Frame frame = workspace.frame()) {
      Tensor embedding = frame.empty(DType.F32, frames, dim);
      Tensor projection = frame.empty(DType.F32, WorldPlayBlock.VECTORS, frames, dim);
      embed(timesteps, actions, workspace, embedding, projection, trace);

      int tokens = frames * step.tokensPerFrame();
      Tensor x = frame.empty(activations, tokens, dim);
      try (Workspace.Frame inner = workspace.frame()) {
        Tensor patches = inner.like(x, tokens, (long) config.channels() * patch * patch);
        patchify.run(noisy, patch, 0, patches);
        patchEmbedding.forward(LinearInput.of(patches, inner), x);
      }
      trace.tap("patch_embedding", x);

      int last = blocks.size() - 1;
      for (int i = 0; i <= last; i++) {
        boolean onlyRemember = velocity == null && i == last;
        blocks
            .get(i)
            .forward(
                x,
                projection,
                step,
                memory.layers().get(i),
                onlyRemember,
                workspace,
                trace.at("block" + i));
      }
      if (velocity != null) {
        Tensor m = frame.empty(DType.F32, 2, frames, dim);
        modulate.run(headModulation, embedding.reshape(1, frames, dim), m);
        layerNormModulate.run(x, m.row(0), m.row(1), config.eps(), x);
        Tensor y = frame.like(x, tokens, (long) patch * patch * config.channels());
        head.forward(LinearInput.of(x, frame), y);
        unpatchify.run(y, patch, velocity);
      }
    }
  }

  /** What timesteps and actions say to the head, and to the blocks. */
  private void embed(
      Tensor timesteps,
      Tensor actions,
      Workspace workspace,
      Tensor embedding,
      Tensor projection,
      Trace trace) {
    int dim = config.dim();
    try (Workspace.Frame frame = workspace.frame()) {
      Tensor action = frame.like(embedding, embedding.shape().extents());
      timeEmbedding.forward(timesteps, workspace, embedding);
      trace.tap("time_embed", embedding);
      actionEmbedding.forward(actions, workspace, action);
      trace.tap("action_embed", action);
      add.run(embedding, action, embedding);
      silu.run(embedding, action);
      LinearInput input = LinearInput.of(action, frame);
      for (int i = 0; i < WorldPlayBlock.VECTORS; i++) {
        timeProjection.outputs(i * dim, (i + 1) * dim).forward(input, projection.row(i));
      }
      trace.tap("time_proj", projection);
    }
  }
}
