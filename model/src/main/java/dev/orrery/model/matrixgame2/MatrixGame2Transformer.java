package dev.orrery.model.matrixgame2;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.AffineLayerNorm;
import dev.orrery.model.layers.FeedForward;
import dev.orrery.model.layers.Linear;
import dev.orrery.model.layers.ModulationProjection;
import dev.orrery.model.layers.ModulationTable;
import dev.orrery.model.layers.OutputHead;
import dev.orrery.model.layers.Parameters;
import dev.orrery.model.layers.PatchEmbedding;
import dev.orrery.model.layers.TimestepMlp;
import dev.orrery.model.layers.WindowAttention;
import dev.orrery.runtime.memory.KvCache;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * The diffusion transformer of Matrix-Game 2.0: from noisy latents of one chunk, the image, the
 * actions and what it remembers to the velocity that leads to clean latents.
 *
 * <pre>
 * noisy [F, h, w, 16] and condition [F, h, w, 20] ─ patches of 2x2 ─ Linear ─ tokens [F * S, C]
 * timesteps [F] ─ sinusoid ─ MLP ─ e [F, C] ─ SiLU, Linear ─ e0 [6, F, C]
 * image features [N, I] ─ LN, MLP, LN ─ context [N, C], once per start
 * tokens ─ blocks (e0, context, caches) ─ LN modulated by e ─ Linear ─ velocity [F, h, w, 16]
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

  private static final double IMAGE_NORM_EPS = 1e-5;

  private final MatrixGame2TransformerConfig config;
  private final Backend backend;
  private final WindowAttention attention;
  private final PatchEmbedding patchEmbedding;
  private final TimestepMlp timeEmbedding;
  private final ModulationProjection timeProjection;
  private final AffineLayerNorm imageNorm;
  private final FeedForward imageMlp;
  private final AffineLayerNorm contextNorm;
  private final List<MatrixGame2Block> blocks = new ArrayList<>();
  private final OutputHead head;

  MatrixGame2Transformer(Parameters p, MatrixGame2TransformerConfig config) {
    this.config = config;
    backend = p.backend();
    attention = WindowAttention.of(backend, config.attention());
    int dim = config.dim();
    int patch = config.patch();
    Parameters conditioning = p.beside(DType.F32);
    patchEmbedding =
        new PatchEmbedding(p.at("patch_embedding"), true, dim, config.inDim(), 1, patch, patch);
    timeEmbedding =
        new TimestepMlp(
            conditioning, "time_embedding.0", "time_embedding.2", config.freqDim(), dim);
    timeProjection =
        new ModulationProjection(
            conditioning.at("time_projection.1"), MatrixGame2Block.MODULATION_VECTORS, dim);
    int image = config.imageDim();
    Parameters embedding = p.at("img_emb.proj");
    imageNorm = new AffineLayerNorm(embedding.at("0"), image, IMAGE_NORM_EPS);
    imageMlp =
        FeedForward.of(
            embedding.at("1"), embedding.at("3"), Activation.GELU_ERF, image, image, dim);
    contextNorm = new AffineLayerNorm(embedding.at("4"), dim, IMAGE_NORM_EPS);
    for (int i = 0; i < config.layers(); i++) {
      boolean withActions = config.action().blocks().contains(i);
      blocks.add(new MatrixGame2Block(p.at("blocks." + i), config, withActions));
    }
    head =
        new OutputHead(
            p,
            new ModulationTable(conditioning, "head.modulation", 2, dim),
            Linear.of(p.at("head.head"), dim, config.outDim() * patch * patch),
            patch,
            config.eps());
  }

  /**
   * The image's tokens as the cross-attention layers take them.
   *
   * @param features output of the image encoder, {@code [N, I]}
   * @param out {@code [N, C]}
   */
  void imageContext(Tensor features, Workspace workspace, Tensor out) {
    try (Workspace.Frame frame = workspace.frame()) {
      imageMlp.into(imageNorm.forward(features, frame), out, frame);
      contextNorm.into(out, out);
    }
  }

  /**
   * Room for the keys and values of a start image, for each block.
   *
   * @param tokens of the image encoder
   * @param arena owner of the result
   */
  List<KvCache.View> emptyImages(int tokens, TensorArena arena) {
    return blocks.stream().map(b -> b.crossAttention().emptyContext(tokens, arena)).toList();
  }

  /**
   * Computes the keys and values of a start image.
   *
   * @param features output of the image encoder, {@code [N, I]}
   * @param workspace memory for the time of the call
   * @param out see {@link #emptyImages}
   */
  void imagesInto(Tensor features, Workspace workspace, List<KvCache.View> out) {
    try (Workspace.Frame frame = workspace.frame()) {
      Tensor context = frame.like(features, features.size(0), config.dim());
      imageContext(features, workspace, context);
      for (int i = 0; i < blocks.size(); i++) {
        blocks.get(i).crossAttention().contextInto(context, workspace, out.get(i));
      }
    }
  }

  /**
   * Empty caches of a session.
   *
   * @param images keys and values of the start image, see {@link #imagesInto}
   * @param tokensPerFrame tokens of a latent frame
   * @param arena owner of the caches
   */
  MatrixGame2KvState newKvState(List<KvCache.View> images, int tokensPerFrame, TensorArena arena) {
    return MatrixGame2KvState.empty(config, attention, images, tokensPerFrame, backend, arena);
  }

  /**
   * One forward pass: predicts the velocity and leaves the chunk's keys and values in the caches.
   *
   * @param noisy {@code [F, h, w, 16]}
   * @param condition mask and image latents, {@code [F, h, w, 20]}
   * @param timesteps {@code [F]}, 0 to 1000
   * @param chunk positions and actions of the chunk
   * @param velocity {@code [F, h, w, 16]}
   */
  void forward(
      Tensor noisy,
      Tensor condition,
      Tensor timesteps,
      MatrixGame2Chunk chunk,
      MatrixGame2KvState kv,
      Workspace workspace,
      Tensor velocity,
      Trace trace) {
    try (Workspace.Frame frame = workspace.frame()) {
      Tensor e = timeEmbedding.forward(timesteps, frame);
      trace.tap("time_embedding", e);
      Tensor e0 = timeProjection.forward(e, frame);
      trace.tap("time_projection", e0);
      Tensor x = patchEmbedding.forward(List.of(noisy, condition), frame);
      trace.tap("patch_tokens", x);
      for (int i = 0; i < blocks.size(); i++) {
        blocks.get(i).forward(x, e0, chunk, kv.layers().get(i), frame, trace.at("block" + i));
      }
      head.into(x, e, velocity, frame, trace);
    }
  }
}
