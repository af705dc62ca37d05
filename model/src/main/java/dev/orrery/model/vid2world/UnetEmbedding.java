package dev.orrery.model.vid2world;

import dev.orrery.kernels.elementwise.Add;
import dev.orrery.kernels.elementwise.Silu;
import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.FeedForward;
import dev.orrery.model.layers.Linear;
import dev.orrery.model.layers.Parameters;
import dev.orrery.model.layers.TimestepMlp;
import dev.orrery.runtime.memory.Workspace;
import dev.orrery.runtime.trace.Trace;

/**
 * What blocks are told of each frame, all of it fp32.
 *
 * <pre>
 * timesteps [F] ─ sinusoid ─ MLP ────────────────────────┐
 * frames per second [1] ─ sinusoid ─ MLP ───────────────(+) ─ SiLU ─ [F, 4C]
 * actions [F, A] ─ embedding ─ MLP ─ of frames that act ─┘
 * </pre>
 */
final class UnetEmbedding {
  private final int actionDim;
  private final TimestepMlp time;
  private final TimestepMlp framesPerSecond;

  /** From an action to as many channels as the first level has. */
  private final Linear action;

  /** Of what is between the action's embedding and its MLP. */
  private final boolean activated;

  private final FeedForward actionMlp;
  private final Add add;
  private final Silu silu;

  /**
   * An embedding.
   *
   * @param p parameters beside fp32 activations
   */
  UnetEmbedding(Parameters p, UnetConfig config) {
    int base = config.baseChannels();
    int dim = config.embeddingDim();
    actionDim = config.actionDim();
    time = new TimestepMlp(p.at("time_embed"), "0", "2", base, dim);
    framesPerSecond = new TimestepMlp(p.at("fps_embedding"), "0", "2", base, dim);
    Parameters projection = p.at("action_emb_proj");
    // Keys and buttons are looked up; the numbers of a robot go through a layer of the projection.
    activated = actionDim != UnetConfig.CSGO_ACTION_DIM;
    action =
        activated
            ? Linear.of(projection.at("0"), actionDim, base)
            : Linear.ofRows(p.at("action_emb_preprocess"), actionDim, base);
    int first = activated ? 2 : 0;
    actionMlp =
        FeedForward.of(
            projection.at(Integer.toString(first)),
            projection.at(Integer.toString(first + 2)),
            Activation.SILU,
            base,
            dim,
            dim);
    add = p.kernel(Add.class);
    silu = p.kernel(Silu.class);
  }

  /** Numbers of an action. */
  int actionDim() {
    return actionDim;
  }

  /** The embedding of each frame, {@code [F, 4C]}. */
  Tensor forward(UnetFrames frames, Workspace.Frame outer, Trace trace) {
    Tensor out = time.forward(frames.timesteps(), outer);
    trace.tap("time_embedding", out);
    try (Workspace.Frame frame = outer.inner()) {
      Tensor fps = framesPerSecond.forward(frames.framesPerSecond(), frame);
      trace.tap("fps_embedding", fps);
      add.run(out, fps, Add.Rows.EACH, out);
      Activation between = activated ? Activation.SILU : Activation.NONE;
      Tensor embedded = actionMlp.forward(action.forward(frames.actions(), between, frame), frame);
      trace.tap("action_embedding", embedded);
      for (int i = 0; i < frames.count(); i++) {
        if (frames.acts()[i]) {
          Tensor row = out.slice(i, i + 1);
          add.run(row, embedded.slice(i, i + 1), row);
        }
      }
      silu.run(out, out);
    }
    return out;
  }
}
