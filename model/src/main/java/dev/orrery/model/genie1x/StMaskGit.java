package dev.orrery.model.genie1x;

import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.elementwise.Add;
import dev.orrery.kernels.elementwise.ChannelAffine;
import dev.orrery.kernels.elementwise.Convert;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.genie.FrameCache;
import dev.orrery.model.layers.Linear;
import dev.orrery.model.layers.Parameters;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The transformer of 1xgpt: from the tokens of a window of frames, some of them masked, to what
 * every token is likely to be.
 *
 * <pre>
 * ids [F, S] ─ sum of a vector for each factor ─ (+ position in window and frame) ─ x [F * S, C]
 *   ─ blocks ─ Linear, fp32 ─ logits [S, factors * V]
 * </pre>
 *
 * <p>Time is causal: the frames before those of a pass are there as keys and values, and the frames
 * behind are not needed, which the reference fills with masks.
 *
 * <p>The last layer is computed in fp32 everywhere: which of two logits is larger is a decision.
 *
 * <p>Source: {@code STMaskGIT} of 1xgpt's {@code st_mask_git.py}.
 */
final class StMaskGit {
  private final StMaskGitConfig config;
  private final DType activations;
  private final FactoredEmbedding embedding;
  private final Tensor positions;
  private final List<StMaskGitBlock> blocks = new ArrayList<>();

  /** What the input of the last layer is multiplied with; null for one. */
  private final Tensor readoutScale;

  private final Tensor readoutOffset;
  private final Linear output;
  private final Add add;
  private final Convert convert;
  private final ChannelAffine affine;

  StMaskGit(Parameters p, StMaskGitConfig config) {
    this.config = config;
    activations = p.activations();
    int dim = config.dim();
    int frames = config.frames();
    int tokens = config.tokens();
    FactoredVocabulary vocabulary = config.vocabulary();
    embedding = new FactoredEmbedding(p.at("token_embed"), vocabulary, dim);
    positions =
        p.likeActivations("pos_embed_TSC", 1, frames, tokens, dim)
            .reshape((long) frames * tokens, dim);
    for (int i = 0; i < config.layers(); i++) {
      blocks.add(new StMaskGitBlock(p.at("decoder.layers." + i), config));
    }
    float[] scale = new float[dim];
    Arrays.fill(scale, (float) config.readoutScale());
    readoutScale = config.options().mup() ? p.constant(scale) : null;
    readoutOffset = config.options().mup() ? p.constant(new float[dim]) : null;
    output =
        Linear.of(
            p.at("out_x_proj").beside(DType.F32),
            dim,
            vocabulary.factors() * vocabulary.categories());
    add = p.kernel(Add.class);
    convert = p.kernel(Convert.class);
    affine = p.kernel(ChannelAffine.class);
  }

  /** Room for the keys and values of a window. */
  FrameCache newCache(TensorArena arena) {
    return new FrameCache(
        arena,
        activations,
        config.layers(),
        config.frames(),
        config.tokens(),
        config.heads(),
        config.headDim());
  }

  /**
   * One pass over some frames.
   *
   * @param factors {@link FactoredVocabulary#factor} of their tokens, {@code [factors, F * S]}, I32
   * @param first place of the first of them in the window
   * @param cache has the keys and values of the frames before; gets those of these frames
   * @param logits of the last frames, as many as there is room for, {@code [n * S, factors * V]},
   *     fp32
   */
  void forward(
      Tensor factors,
      int first,
      FrameCache cache,
      Workspace workspace,
      Tensor logits,
      Trace trace) {
    int rows = factors.size(1);
    long position = (long) first * config.tokens();
    try (Workspace.Frame frame = workspace.frame()) {
      Tensor x = frame.empty(activations, rows, config.dim());
      embedding.into(factors, x);
      trace.tap("embed", x);
      add.run(x, positions.slice(position, position + rows), x);
      for (int i = 0; i < blocks.size(); i++) {
        blocks.get(i).forward(x, first, cache.layer(i), frame);
        trace.tap("block" + i, x);
      }
      Tensor last = frame.empty(DType.F32, logits.size(0), config.dim());
      convert.run(x.slice(rows - logits.size(0), rows), last);
      if (readoutScale != null) {
        affine.run(last, readoutScale, readoutOffset, last);
      }
      output.into(last, logits, frame);
    }
    trace.tap("logits", logits);
  }
}
