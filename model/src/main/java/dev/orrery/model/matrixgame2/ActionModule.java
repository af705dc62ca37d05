package dev.orrery.model.matrixgame2;

import dev.orrery.kernels.layout.AppendColumns;
import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.norm.LayerNorm;
import dev.orrery.kernels.position.RmsNormRope;
import dev.orrery.kernels.position.RmsNormRope.Span;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.KvCacheAttention;
import dev.orrery.model.layers.Linear;
import dev.orrery.model.layers.LinearInput;
import dev.orrery.model.layers.Parameters;
import dev.orrery.runtime.memory.SessionState;
import dev.orrery.runtime.memory.Workspace;

/**
 * Lets the actions steer the video tokens. Each branch adds its own residual; neither normalises
 * its input.
 *
 * <pre>
 * mouse:    x [T, C] + window of the frame ─ MLP ─ LN ─ q, k, v ─ attention over frames at each position ─ proj ─ (+ x) = h
 * keyboard: h [T, C] ─ q;  embedded window of each frame ─ k, v (one row a frame) ─ attention ─ proj ─ (+ h)
 * </pre>
 *
 * <p>Queries and keys are normalised per head without a weight, although checkpoints store one, and
 * rotated by the frame index only.
 *
 * <p>Source: {@code action_module.py} of Matrix-Game 2.0.
 */
final class ActionModule {
  private static final double QK_EPS = 1e-6;
  private static final double MLP_NORM_EPS = 1e-5;

  private final ActionConfig config;
  private final Mouse mouse;
  private final Keyboard keyboard;
  private final AppendColumns appendColumns;
  private final LayerNorm layerNorm;
  private final RmsNormRope rmsNormRope;

  /**
   * The actions of a block, on the backend.
   *
   * @param mouseWindows {@code [F, W * 2]}, the W video frames of each latent frame's window; null
   *     without a mouse
   * @param keyboardWindows {@code [F * W, keys]}; null without a keyboard
   * @param rotary {@code [F, pairs, 2]}
   */
  record Inputs(Tensor mouseWindows, Tensor keyboardWindows, Tensor rotary) {}

  /**
   * Keys and values of the branches.
   *
   * @param mouse rows {@code [S, H, D]}, one a frame; null without a mouse
   * @param keyboard rows {@code [H, D]}, one a frame; null without a keyboard
   */
  record KvState(KvCacheAttention mouse, KvCacheAttention keyboard) implements SessionState.Part {
    @Override
    public void visitState(SessionState.Visitor state) {
      if (mouse != null) {
        state.part("mouse", mouse);
      }
      if (keyboard != null) {
        state.part("keyboard", keyboard);
      }
    }
  }

  private record Mouse(
      Linear mlp0,
      Linear mlp2,
      Tensor normWeight,
      Tensor normBias,
      Linear q,
      Linear k,
      Linear v,
      Linear proj) {}

  private record Keyboard(
      Linear embed0, Linear embed2, Linear q, Linear k, Linear v, Linear proj) {}

  ActionModule(Parameters p, ActionConfig config) {
    this.config = config;
    mouse = config.enableMouse() ? mouse(p) : null;
    keyboard = config.enableKeyboard() ? keyboard(p) : null;
    appendColumns = p.kernel(AppendColumns.class);
    layerNorm = p.kernel(LayerNorm.class);
    rmsNormRope = p.kernel(RmsNormRope.class);
  }

  private Mouse mouse(Parameters p) {
    int hidden = config.mouseHiddenDim();
    int dim = config.imageHiddenSize();
    Linear qkv = Linear.withoutBias(p.at("t_qkv"), hidden, 3 * hidden);
    p.unused("img_attn_q_norm.weight", hidden / config.heads());
    p.unused("img_attn_k_norm.weight", hidden / config.heads());
    return new Mouse(
        Linear.of(p.at("mouse_mlp.0"), dim + config.window() * config.mouseDim(), hidden),
        Linear.of(p.at("mouse_mlp.2"), hidden, hidden),
        p.get("mouse_mlp.3.weight", hidden),
        p.get("mouse_mlp.3.bias", hidden),
        qkv.outputs(0, hidden),
        qkv.outputs(hidden, 2 * hidden),
        qkv.outputs(2 * hidden, 3 * hidden),
        Linear.withoutBias(p.at("proj_mouse"), hidden, dim));
  }

  private Keyboard keyboard(Parameters p) {
    int hidden = config.keyboardHiddenDim();
    int embedded = config.hiddenSize();
    int dim = config.imageHiddenSize();
    Linear kv =
        Linear.withoutBias(p.at("keyboard_attn_kv"), config.window() * embedded, 2 * hidden);
    p.unused("key_attn_q_norm.weight", hidden / config.heads());
    p.unused("key_attn_k_norm.weight", hidden / config.heads());
    return new Keyboard(
        Linear.of(p.at("keyboard_embed.0"), config.keyboardDim(), embedded),
        Linear.of(p.at("keyboard_embed.2"), embedded, embedded),
        Linear.withoutBias(p.at("mouse_attn_q"), dim, hidden),
        kv.outputs(0, hidden),
        kv.outputs(hidden, 2 * hidden),
        Linear.withoutBias(p.at("proj_keyboard"), hidden, dim));
  }

  /**
   * Steers the tokens of a block in place. A branch that has no inputs is left out.
   *
   * @param x {@code [F * S, C]}, replaced
   * @param startFrame index of the first latent frame in the whole video
   */
  void forward(Tensor x, Inputs inputs, KvState memory, long startFrame, Workspace workspace) {
    if (mouse != null && inputs.mouseWindows() != null) {
      mouseBranch(x, inputs, memory.mouse(), startFrame, workspace);
    }
    if (keyboard != null && inputs.keyboardWindows() != null) {
      keyboardBranch(x, inputs, memory.keyboard(), startFrame, workspace);
    }
  }

  private void mouseBranch(
      Tensor x, Inputs inputs, KvCacheAttention memory, long startFrame, Workspace workspace) {
    int tokens = x.size(0);
    int dim = x.size(1);
    int hidden = config.mouseHiddenDim();
    int frames = inputs.mouseWindows().size(0);
    try (Workspace.Frame frame = workspace.frame()) {
      Tensor joined = frame.like(x, tokens, dim + inputs.mouseWindows().size(1));
      appendColumns.run(x, inputs.mouseWindows(), joined);
      Tensor first = frame.like(x, tokens, hidden);
      Tensor y = frame.like(x, tokens, hidden);
      mouse.mlp0().forward(LinearInput.of(joined, frame), Activation.GELU_TANH, first);
      mouse.mlp2().forward(LinearInput.of(first, frame), y);
      layerNorm.run(y, mouse.normWeight(), mouse.normBias(), MLP_NORM_EPS, y);
      Tensor q = frame.like(x, tokens, hidden);
      Tensor k = frame.like(x, tokens, hidden);
      Tensor v = frame.like(x, tokens, hidden);
      LinearInput input = LinearInput.of(y, frame);
      mouse.q().forward(input, q);
      mouse.k().forward(input, k);
      mouse.v().forward(input, v);
      normAndRotate(q, inputs.rotary());
      normAndRotate(k, inputs.rotary());
      Tensor attended = frame.like(x, tokens, hidden);
      memory.attend(
          startFrame,
          byPosition(q, frames),
          byPosition(k, frames),
          byPosition(v, frames),
          scale(hidden),
          byPosition(attended, frames));
      mouse.proj().addTo(x, null, LinearInput.of(attended, frame));
    }
  }

  private void keyboardBranch(
      Tensor x, Inputs inputs, KvCacheAttention memory, long startFrame, Workspace workspace) {
    int tokens = x.size(0);
    int dim = x.size(1);
    int hidden = config.keyboardHiddenDim();
    int entries = inputs.keyboardWindows().size(0);
    int frames = entries / config.window();
    try (Workspace.Frame frame = workspace.frame()) {
      Tensor first = frame.like(x, entries, config.hiddenSize());
      Tensor embedded = frame.like(x, entries, config.hiddenSize());
      keyboard
          .embed0()
          .forward(LinearInput.of(inputs.keyboardWindows(), frame), Activation.SILU, first);
      keyboard.embed2().forward(LinearInput.of(first, frame), embedded);
      LinearInput windows =
          LinearInput.of(
              embedded.reshape(frames, (long) config.window() * config.hiddenSize()), frame);
      Tensor q = frame.like(x, tokens, hidden);
      Tensor k = frame.like(x, frames, hidden);
      Tensor v = frame.like(x, frames, hidden);
      keyboard.q().forward(LinearInput.of(x, frame), q);
      keyboard.k().forward(windows, k);
      keyboard.v().forward(windows, v);
      normAndRotate(q, inputs.rotary());
      normAndRotate(k, inputs.rotary());
      Tensor attended = frame.like(x, tokens, hidden);
      memory.attend(startFrame, byHead(q), byHead(k), byHead(v), scale(hidden), byHead(attended));
      keyboard.proj().addTo(x, null, LinearInput.of(attended, frame));
    }
  }

  private void normAndRotate(Tensor x, Tensor rotary) {
    Tensor tokens = byHead(x);
    rmsNormRope.run(tokens, Span.HEAD, null, QK_EPS, rotary, tokens);
  }

  private double scale(int hidden) {
    return 1 / Math.sqrt((double) hidden / config.heads());
  }

  private Tensor byHead(Tensor x) {
    return x.reshape(x.size(0), config.heads(), x.size(1) / config.heads());
  }

  private Tensor byPosition(Tensor x, int frames) {
    return x.reshape(frames, x.size(0) / frames, config.heads(), x.size(1) / config.heads());
  }
}
