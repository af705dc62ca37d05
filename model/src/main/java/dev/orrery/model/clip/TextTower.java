package dev.orrery.model.clip;

import dev.orrery.kernels.attention.Visibility;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.elementwise.Add;
import dev.orrery.kernels.layout.GatherRows;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Shape;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.AffineLayerNorm;
import dev.orrery.model.layers.Parameters;
import dev.orrery.model.layers.PreNormBlock;
import dev.orrery.runtime.checkpoint.Weights;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;
import java.lang.foreign.MemorySegment;
import java.util.ArrayList;
import java.util.List;

/**
 * The text tower of OpenCLIP as latent diffusion uses it: the tokens that leave the last block but
 * one, normalised as if it were the last. Everything is computed in fp32.
 *
 * <pre>
 * ids [77] ─ embedding ─ + positions ─ blocks, each token sees itself and earlier ones ─ LN ─ [77, C]
 * </pre>
 *
 * <p>Source: {@code FrozenOpenCLIPEmbedder} of DynamiCrafter with {@code layer="penultimate"}.
 */
public final class TextTower {
  /**
   * Sizes of the tower.
   *
   * @param vocabulary tokens there are
   * @param dim channels
   * @param heads attention heads
   * @param layers blocks in the checkpoint; all but the last run
   */
  public record Config(int vocabulary, int dim, int heads, int layers) {
    /** That of ViT-H/14. */
    public static final Config VIT_HUGE_14 = new Config(49408, 1024, 16, 24);
  }

  /** Tokens of a text. */
  public static final int TOKENS = 77;

  private final Config config;
  private final Backend backend;
  private final Tensor embedding;
  private final Tensor positions;
  private final List<PreNormBlock> blocks = new ArrayList<>();
  private final AffineLayerNorm finalNorm;
  private final GatherRows gatherRows;
  private final Add add;

  /**
   * Reads the weights.
   *
   * @param root at the root of the tower's names
   */
  public TextTower(Parameters root, Config config) {
    this.config = config;
    backend = root.backend();
    Parameters p = root.beside(DType.F32);
    int dim = config.dim();
    TowerNames names = TowerNames.OPEN_CLIP;
    embedding = p.get("token_embedding.weight", config.vocabulary(), dim);
    positions = names.positions(p, TOKENS, dim);
    for (int i = 0; i < config.layers() - 1; i++) {
      blocks.add(names.block(p, i, dim, config.heads(), Visibility.CAUSAL));
    }
    finalNorm = new AffineLayerNorm(p.at("ln_final"), dim, TowerNames.EPS);
    gatherRows = p.kernel(GatherRows.class);
    add = p.kernel(Add.class);
  }

  /** Declares what a checkpoint may hold beside the tower. */
  public static Weights withoutHead(Weights root, Config config) {
    root.ignore("transformer.resblocks." + (config.layers() - 1), "the last block is not run");
    root.ignore("text_projection", "tokens are used, not a whole text");
    root.ignore("logit_scale", "belongs to the contrastive loss");
    root.ignore("attn_mask", "says that tokens see earlier ones");
    return root;
  }

  /** The ids of the empty text: a beginning, an end, and the token 0, which is seen like any. */
  public static int[] empty(Config config) {
    int[] ids = new int[TOKENS];
    ids[0] = config.vocabulary() - 2;
    ids[1] = config.vocabulary() - 1;
    return ids;
  }

  /**
   * Runs the network.
   *
   * @param ids {@value #TOKENS} tokens
   * @param features {@code [77, C]}, fp32
   * @throws IllegalArgumentException if an id is none of the vocabulary
   */
  public void forward(int[] ids, Workspace workspace, Tensor features, Trace trace) {
    GatherRows.check(ids, config.vocabulary());
    try (Workspace.Frame frame = workspace.frame()) {
      Tensor rows = frame.empty(DType.I32, ids.length);
      backend.copy(Tensor.host(DType.I32, Shape.of(ids.length), MemorySegment.ofArray(ids)), rows);
      gatherRows.run(embedding, rows, features);
      add.run(features, positions, features);
      for (int i = 0; i < blocks.size(); i++) {
        blocks.get(i).forward(features, null, frame, trace.at("block" + i));
      }
      finalNorm.into(features, features);
    }
  }
}
