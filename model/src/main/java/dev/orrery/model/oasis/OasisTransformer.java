package dev.orrery.model.oasis;

import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.elementwise.Add;
import dev.orrery.kernels.elementwise.Silu;
import dev.orrery.kernels.layout.PatchOrder;
import dev.orrery.kernels.layout.Unpatchify;
import dev.orrery.kernels.position.RotaryTable;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.AdaptiveLayerNorm;
import dev.orrery.model.layers.Linear;
import dev.orrery.model.layers.LinearInput;
import dev.orrery.model.layers.ModulationProjection;
import dev.orrery.model.layers.Parameters;
import dev.orrery.model.layers.PatchEmbedding;
import dev.orrery.model.layers.TimestepMlp;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Predicate;
import java.util.regex.Pattern;

/**
 * The diffusion transformer of Oasis: from noisy latents, their timesteps and actions to the
 * velocity (v-prediction).
 *
 * <pre>
 * timesteps [F] ─ sinusoid ─ MLP ─┐
 * actions [F, A] ─ Linear ────────+─ SiLU ─ Linear of each half-block and of the head ─ modulation
 *
 * latents [F, h, w, c] ─ patches of 2x2 ─ Linear ─ tokens [F * S, C]
 * tokens ─ blocks (modulation, caches) ─ LN, scale, shift ─ Linear ─ patches ─ velocity [F, h, w, c]
 * </pre>
 *
 * <p>Frames do not see later ones, and within a frame's steps nothing about the earlier ones
 * changes. So a pass runs over some frames only and finds the temporal keys and values of those
 * before them in caches, where it leaves its own: over the context frames once, with {@link
 * #remember}; over the newest frame alone for each step, with {@link #forward}; over all of a
 * window at once, as the reference does, with {@link #forward} too.
 *
 * <p>Source: {@code DiT} in open-oasis' {@code dit.py}.
 */
final class OasisTransformer {
  /**
   * Names of the weights that may be quantised: those of the linear layers around the attentions
   * and in the MLPs of the blocks. Everything else stays: the projections to modulation vectors,
   * which hold a third of the weights, are applied to one vector a frame and scale every token of
   * it; the embeddings and the head, which all of a latent passes through; and biases.
   */
  static final Predicate<String> QUANTIZABLE =
      Pattern.compile("blocks\\.\\d+\\.[st]_(attn\\.to_(qkv|out)|mlp\\.fc[12])\\.weight")
          .asMatchPredicate();

  private static final int FREQ_DIM = 256;

  /** Twice the largest spatial frequency, in half turns. */
  private static final int SPATIAL_MAX_FREQ = 256;

  private final OasisTransformerConfig config;
  private final Backend backend;
  private final PatchEmbedding patchEmbedding;
  private final TimestepMlp timestepEmbedding;
  private final Linear actionEmbedding;
  private final List<OasisBlock> blocks = new ArrayList<>();
  private final ModulationProjection headModulation;
  private final AdaptiveLayerNorm headNorm;
  private final Linear head;
  private final float[] temporalFrequencies;
  private final Tensor spatialRotary;
  private final Tensor windowRotary;
  private final Add add;
  private final Silu silu;
  private final Unpatchify unpatchify;

  OasisTransformer(Parameters p, OasisTransformerConfig config) {
    this.config = config;
    backend = p.backend();
    int dim = config.dim();
    int patch = config.patch();
    int channels = config.channels();
    Parameters conditioning = p.beside(DType.F32);
    patchEmbedding = new PatchEmbedding(p.at("x_embedder.proj"), true, dim, channels, patch, patch);
    timestepEmbedding =
        new TimestepMlp(conditioning.at("t_embedder"), "mlp.0", "mlp.2", FREQ_DIM, dim);
    actionEmbedding = Linear.of(conditioning.at("external_cond"), config.actionDim(), dim);
    for (int i = 0; i < config.layers(); i++) {
      blocks.add(new OasisBlock(p, i, config));
    }
    headModulation =
        new ModulationProjection(conditioning.at("final_layer.adaLN_modulation.1"), 2, dim);
    headNorm = new AdaptiveLayerNorm(p, OasisBlock.EPS);
    head = Linear.of(p.at("final_layer.linear"), dim, patch * patch * channels);
    temporalFrequencies =
        OasisRotary.stored(
            p,
            "t",
            "temporal",
            config.layers(),
            OasisRotary.languageFrequencies(config.headDim() / 2));
    spatialRotary = spatialRotary(p);
    windowRotary =
        p.constant(temporalRotary(0, config.window()))
            .reshape(config.window(), temporalFrequencies.length, 2);
    add = p.kernel(Add.class);
    silu = p.kernel(Silu.class);
    unpatchify = p.kernel(Unpatchify.class);
  }

  /** Positions within a frame, repeated for the frames of a window. */
  private Tensor spatialRotary(Parameters p) {
    int count = config.headDim() / 4;
    float[] formula = OasisRotary.pixelFrequencies(SPATIAL_MAX_FREQ, count);
    float[] frequencies = OasisRotary.stored(p, "s", "spatial", config.layers(), formula);
    float[] frame = OasisRotary.grid(config.tokenRows(), config.tokenColumns(), frequencies);
    float[] table = Arrays.copyOf(frame, Math.multiplyExact(config.window(), frame.length));
    for (int i = 1; i < config.window(); i++) {
      System.arraycopy(frame, 0, table, i * frame.length, frame.length);
    }
    return p.constant(table).reshape((long) config.window() * config.tokens(), 2L * count, 2);
  }

  /** Temporal positions of the frames of a window, counted from 0: {@code [window, P, 2]}. */
  Tensor windowRotary() {
    return windowRotary;
  }

  /** Temporal positions of any frames, {@code [F, P, 2]}, to be brought to the backend. */
  float[] temporalRotary(int firstPosition, int frames) {
    float[] positions = new float[frames];
    for (int i = 0; i < frames; i++) {
      positions[i] = firstPosition + i;
    }
    return RotaryTable.line(positions, temporalFrequencies);
  }

  /** Memory for the modulation of some frames or steps, see {@link #modulate}. */
  OasisModulation newModulation(int rows, TensorArena arena) {
    return OasisModulation.empty(config, rows, arena);
  }

  /** Caches for some frames. */
  OasisKvState newKvState(int frames, TensorArena arena) {
    return OasisKvState.empty(config, frames, backend, arena);
  }

  /**
   * Computes what timesteps and actions say to all layers. Rows may be frames of a pass, or the
   * steps of one frame, each of which is then a pass of its own.
   *
   * @param timesteps {@code [R]}, 0 to 999
   * @param actions {@code [R, A]}, fp32; null for none at all, which differs from an action of
   *     zeros
   * @param out the rows that are written
   */
  void modulate(
      Tensor timesteps, Tensor actions, Workspace workspace, OasisModulation out, Trace trace) {
    try (Workspace.Frame frame = workspace.frame()) {
      Tensor condition = timestepEmbedding.forward(timesteps, frame);
      trace.tap("t_embed", condition);
      if (actions != null) {
        Tensor embedded = actionEmbedding.forward(actions, frame);
        trace.tap("action_embed", embedded);
        add.run(condition, embedded, condition);
      }
      silu.run(condition, condition);
      LinearInput activated = LinearInput.of(condition, frame);
      for (int i = 0; i < blocks.size(); i++) {
        blocks.get(i).modulate(activated, out, trace.at("block" + i));
      }
      headModulation.into(activated, List.of(out.head().shift(), out.head().scale()));
    }
  }

  /**
   * Predicts the velocity of some frames and leaves their temporal keys and values in the caches.
   *
   * @param latents {@code [F, h, w, c]}, fp32
   * @param frames conditions and positions, and what the frames see of the past
   * @param velocity {@code [F, h, w, c]}, fp32
   */
  void forward(
      Tensor latents,
      OasisFrames frames,
      OasisKvState kv,
      Workspace workspace,
      Tensor velocity,
      Trace trace) {
    try (Workspace.Frame frame = workspace.frame()) {
      Tensor x = embed(latents, frame, trace);
      for (int i = 0; i < blocks.size(); i++) {
        OasisBlock block = blocks.get(i);
        Trace inside = trace.at("block" + i);
        block.spatial(x, frames.modulation(), rotary(frames), frame, inside);
        block.temporal(x, frames, kv, frame, inside);
      }
      headNorm.into(x, frames.modulation().head(), x);
      Tensor patches = head.forward(x, frame);
      trace.tap("final_layer", patches);
      unpatchify.run(patches, config.patch(), PatchOrder.CHANNEL_FASTEST, velocity);
    }
  }

  /**
   * Leaves the temporal keys and values of some frames in the caches, for frames that come after
   * them. What follows the last keys and values is not computed.
   *
   * @param latents {@code [F, h, w, c]}, fp32
   * @param frames conditions and positions, and what the frames see of the past
   */
  void remember(Tensor latents, OasisFrames frames, OasisKvState kv, Workspace workspace) {
    try (Workspace.Frame frame = workspace.frame()) {
      Tensor x = embed(latents, frame, Trace.NONE);
      for (OasisBlock block : blocks) {
        block.spatial(x, frames.modulation(), rotary(frames), frame, Trace.NONE);
        if (block == blocks.getLast()) {
          block.remember(x, frames, kv, frame);
        } else {
          block.temporal(x, frames, kv, frame, Trace.NONE);
        }
      }
    }
  }

  private Tensor embed(Tensor latents, Workspace.Frame frame, Trace trace) {
    trace.tap("spatial_rotary", spatialRotary);
    Tensor x = patchEmbedding.forward(List.of(latents), frame);
    trace.tap("patch_embed", x);
    return x;
  }

  private Tensor rotary(OasisFrames frames) {
    return spatialRotary.slice(0, (long) frames.count() * config.tokens());
  }
}
