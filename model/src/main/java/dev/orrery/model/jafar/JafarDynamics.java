package dev.orrery.model.jafar;

import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.elementwise.Add;
import dev.orrery.kernels.elementwise.Convert;
import dev.orrery.kernels.layout.GatherRows;
import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.genie.FrameCache;
import dev.orrery.model.layers.Linear;
import dev.orrery.model.layers.Parameters;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;

/**
 * The dynamics model: from the tokens of a window of frames, some of them masked, and the actions
 * between them to what every token is likely to be.
 *
 * <pre>
 * ids [F, S] ─ a vector for each ─ (+ Linear of the action that led to the frame) ─ transformer ─ logits
 * </pre>
 *
 * <p>No action led to the first frame of a window, and nothing is added to it.
 *
 * <p>Source: {@code DynamicsMaskGIT} of jafar's {@code models/dynamics.py}.
 */
final class JafarDynamics {
  private final JafarConfig config;
  private final DType activations;

  /** A vector for each id, the mask's at last. */
  private final Tensor embedding;

  private final Codebook actions;
  private final Linear actionUp;
  private final JafarTransformer transformer;
  private final GatherRows gather;
  private final Add add;
  private final Convert convert;

  /**
   * Takes the tensors {@code dynamics.*}.
   *
   * @param actions vectors of the actions
   */
  JafarDynamics(Parameters p, JafarConfig config, Codebook actions) {
    this.config = config;
    this.actions = actions;
    activations = p.activations();
    int dim = config.dynamics().dim();
    int codes = config.codes();
    Tensor known = p.get("patch_embed.embedding", codes, dim);
    Tensor mask = p.get("mask_token", 1, 1, 1, dim);
    embedding = p.stacked(known, mask.reshape(1, dim));
    actionUp = JafarTransformer.dense(p.at("action_up"), config.codeDim(), dim);
    transformer =
        new JafarTransformer(
            p.at("dynamics"), config.dynamics(), dim, codes, config.tokens(), config.frames());
    gather = p.kernel(GatherRows.class);
    add = p.kernel(Add.class);
    convert = p.kernel(Convert.class);
  }

  /** The id that stands for a token that is not known. */
  int mask() {
    return config.codes();
  }

  /** Room for what is remembered of a window. */
  FrameCache newCache(TensorArena arena) {
    return transformer.newCache(config.frames(), arena);
  }

  /** What some actions mean, to be brought to the backend: {@code [ids, dim]}, fp32. */
  Tensor codes(int[] actionIds) {
    return actions.vectors(actionIds);
  }

  /**
   * One pass over some frames.
   *
   * @param ids their tokens, {@code [F * S]}, I32
   * @param actionCodes {@link #codes} of the actions that led to them, {@code [F, dim]}, fp32; that
   *     of the first frame of a window is not looked at
   * @param first place of the first of them in the window
   * @param cache has the keys and values of the frames before; gets those of these frames
   * @param logits of the last frames, as many as there is room for, {@code [n * S, codes]}, fp32
   */
  void forward(
      Tensor ids,
      Tensor actionCodes,
      int first,
      FrameCache cache,
      Workspace workspace,
      Tensor logits,
      Trace trace) {
    int frames = actionCodes.size(0);
    int rows = ids.size(0);
    try (Workspace.Frame frame = workspace.frame()) {
      Tensor x = frame.empty(activations, rows, config.dynamics().dim());
      gather.run(embedding, ids, x);
      int from = first == 0 ? 1 : 0;
      if (from < frames) {
        Tensor codes = frame.empty(activations, frames - from, config.codeDim());
        convert.run(actionCodes.slice(from, frames), codes);
        Tensor up = actionUp.forward(codes, frame);
        Tensor acted = x.slice((long) from * config.tokens(), rows);
        add.run(acted, up, Add.Rows.EACH, acted);
      }
      transformer.forward(
          x, first, cache, Activation.NONE, frame, logits, trace.at("dynamics.dynamics"));
    }
    trace.tap("logits", logits);
  }
}
