package dev.orrery.model.worldplay;

import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.elementwise.Add;
import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.FeedForward;
import dev.orrery.model.layers.Linear;
import dev.orrery.model.layers.ModulationProjection;
import dev.orrery.model.layers.ModulationTable;
import dev.orrery.model.layers.OutputHead;
import dev.orrery.model.layers.Parameters;
import dev.orrery.model.layers.PatchEmbedding;
import dev.orrery.model.layers.TimestepMlp;
import dev.orrery.runtime.memory.KvCache;
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
  private final PatchEmbedding patchEmbedding;
  private final TimestepMlp timeEmbedding;
  private final TimestepMlp actionEmbedding;
  private final Add add;
  private final ModulationProjection timeProjection;
  private final FeedForward textEmbedding;
  private final List<WorldPlayBlock> blocks = new ArrayList<>();
  private final OutputHead head;

  WorldPlayTransformer(Parameters p, WorldPlayTransformerConfig config) {
    this.config = config;
    activations = p.activations();
    int dim = config.dim();
    int patch = config.patch();
    Parameters conditioning = p.beside(DType.F32);
    Parameters embedder = conditioning.at("condition_embedder");
    patchEmbedding =
        new PatchEmbedding(p.at("patch_embedding"), true, dim, config.channels(), 1, patch, patch);
    timeEmbedding =
        new TimestepMlp(
            embedder.at("time_embedder"), "linear_1", "linear_2", config.freqDim(), dim);
    actionEmbedding =
        new TimestepMlp(
            embedder.at("action_embedder"), "linear_1", "linear_2", config.freqDim(), dim);
    add = p.kernel(Add.class);
    timeProjection =
        new ModulationProjection(embedder.at("time_proj"), WorldPlayBlock.MODULATION_VECTORS, dim);
    Parameters text = p.at("condition_embedder.text_embedder");
    textEmbedding =
        FeedForward.of(
            text.at("linear_1"),
            text.at("linear_2"),
            Activation.GELU_TANH,
            config.textDim(),
            dim,
            dim);
    for (int i = 0; i < config.layers(); i++) {
      blocks.add(new WorldPlayBlock(p.at("blocks." + i), config));
    }
    head =
        new OutputHead(
            p,
            new ModulationTable(conditioning, "scale_shift_table", 2, dim),
            Linear.of(p.at("proj_out"), dim, patch * patch * config.channels()),
            patch,
            config.eps());
  }

  /**
   * The prompt's tokens as the cross-attention layers take them.
   *
   * @param text output of the text encoder, padding zeroed, {@code [N, textDim]}
   * @param out {@code [N, C]}
   */
  void textContext(Tensor text, Workspace workspace, Tensor out) {
    try (Workspace.Frame frame = workspace.frame()) {
      textEmbedding.into(text, out, frame);
    }
  }

  /**
   * Room for the keys and values of a prompt, for each block.
   *
   * @param tokens of the padded prompt
   * @param arena owner of the result
   */
  List<KvCache.View> emptyTexts(int tokens, TensorArena arena) {
    return blocks.stream().map(b -> b.crossAttention().emptyContext(tokens, arena)).toList();
  }

  /**
   * Computes the keys and values of a prompt.
   *
   * @param text output of the text encoder, padding zeroed, {@code [N, textDim]}
   * @param workspace memory for the time of the call
   * @param out see {@link #emptyTexts}
   */
  void textsInto(Tensor text, Workspace workspace, List<KvCache.View> out) {
    try (Workspace.Frame frame = workspace.frame()) {
      Tensor context = frame.like(text, text.size(0), config.dim());
      textContext(text, workspace, context);
      for (int i = 0; i < blocks.size(); i++) {
        blocks.get(i).crossAttention().contextInto(context, workspace, out.get(i));
      }
    }
  }

  /**
   * Room for a window.
   *
   * @param texts keys and values of the prompt, see {@link #textsInto}
   * @param tokens tokens of the longest window, context frames and chunk together
   * @param arena owner of the result
   */
  WorldPlayKvState newKvState(List<KvCache.View> texts, int tokens, TensorArena arena) {
    List<WorldPlayKvState.Layer> layers = new ArrayList<>();
    for (KvCache.View text : texts) {
      layers.add(
          new WorldPlayKvState.Layer(
              arena.empty(activations, tokens, config.heads(), config.headDim()),
              arena.empty(activations, tokens, config.heads(), config.headDim()),
              arena.empty(activations, tokens, config.heads(), config.headDim()),
              text));
    }
    return new WorldPlayKvState(layers);
  }

  /**
   * One forward pass over some frames, which leaves their keys and values in the window.
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
      WorldPlayPositions positions,
      WorldPlayKvState kv,
      Workspace workspace,
      Tensor velocity,
      Trace trace) {
    try (Workspace.Frame frame = workspace.frame()) {
      Tensor e = embed(timesteps, actions, frame, trace);
      Tensor e0 = timeProjection.forward(e, frame);
      trace.tap("time_proj", e0);
      Tensor x = patchEmbedding.forward(List.of(noisy), frame);
      trace.tap("patch_embedding", x);
      int last = blocks.size() - 1;
      for (int i = 0; i <= last; i++) {
        boolean onlyRemember = velocity == null && i == last;
        Trace inside = trace.at("block" + i);
        blocks.get(i).forward(x, e0, positions, kv.layers().get(i), onlyRemember, frame, inside);
      }
      if (velocity != null) {
        head.into(x, e, velocity, frame, trace);
      }
    }
  }

  /** What timesteps and actions say together, {@code [F, C]}. */
  private Tensor embed(Tensor timesteps, Tensor actions, Workspace.Frame frame, Trace trace) {
    Tensor e = timeEmbedding.forward(timesteps, frame);
    trace.tap("time_embed", e);
    try (Workspace.Frame inner = frame.inner()) {
      Tensor action = actionEmbedding.forward(actions, inner);
      trace.tap("action_embed", action);
      add.run(e, action, e);
    }
    return e;
  }
}
