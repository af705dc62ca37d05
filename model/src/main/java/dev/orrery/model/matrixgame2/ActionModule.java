package dev.orrery.model.matrixgame2;

import dev.orrery.kernels.layout.AppendColumns;
import dev.orrery.kernels.linear.Activation;
import dev.orrery.kernels.position.RmsNormRope;
import dev.orrery.kernels.position.RmsNormRope.Span;
import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.model.layers.AffineLayerNorm;
import dev.orrery.model.layers.FeedForward;
import dev.orrery.model.layers.KvCacheAttention;
import dev.orrery.model.layers.Linear;
import dev.orrery.model.layers.LinearInput;
import dev.orrery.model.layers.Parameters;
import dev.orrery.runtime.memory.KvCache;
import dev.orrery.runtime.memory.Workspace;
import java.util.List;

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
  private final RmsNormRope rmsNormRope;

  /**
   * The actions of a chunk, on the backend.
   *
   * @param mouseWindows {@code [F, W * 2]}, the W video frames of each latent frame's window; null
   *     without a mouse
   * @param keyboardWindows {@code [F * W, keys]}; null without a keyboard
   * @param rotary {@code [F, pairs, 2]}
   */
  record Inputs(Tensor mouseWindows, Tensor keyboardWindows, Tensor rotary) {}

  private record Mouse(
      FeedForward mlp, AffineLayerNorm norm, Linear q, Linear k, Linear v, Linear proj) {}

  private record Keyboard(FeedForward embed, Linear q, Linear k, Linear v, Linear proj) {}

  ActionModule(Parameters p, ActionConfig config) {
    this.config = config;
    mouse = config.enableMouse() ? mouse(p) : null;
    keyboard = config.enableKeyboard() ? keyboard(p) : null;
    appendColumns = p.kernel(AppendColumns.class);
    rmsNormRope = p.kernel(RmsNormRope.class);
  }

  private Mouse mouse(Parameters p) {
    int hidden = config.mouseHiddenDim();
    int dim = config.imageHiddenSize();
    Linear qkv = Linear.withoutBias(p.at("t_qkv"), hidden, 3 * hidden);
    p.unused("img_attn_q_norm.weight", hidden / config.heads());
    p.unused("img_attn_k_norm.weight", hidden / config.heads());
    return new Mouse(
        FeedForward.of(
            p.at("mouse_mlp.0"),
            p.at("mouse_mlp.2"),
            Activation.GELU_TANH,
            dim + config.window() * config.mouseDim(),
            hidden,
            hidden),
        new AffineLayerNorm(p.at("mouse_mlp.3"), hidden, MLP_NORM_EPS),
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
        FeedForward.of(
            p.at("keyboard_embed.0"),
            p.at("keyboard_embed.2"),
            Activation.SILU,
            config.keyboardDim(),
            embedded,
            embedded),
        Linear.withoutBias(p.at("mouse_attn_q"), dim, hidden),
        kv.outputs(0, hidden),
        kv.outputs(hidden, 2 * hidden),
        Linear.withoutBias(p.at("proj_keyboard"), hidden, dim));
  }

  /**
   * Steers the tokens of a chunk in place. A branch that has no inputs is left out.
   *
   * @param x {@code [F * S, C]}, replaced
   * @param startFrame index of the first latent frame in the whole video
   */
  void addTo(
      Tensor x,
      Inputs inputs,
      MatrixGame2KvState.Actions kv,
      long startFrame,
      Workspace.Frame frame) {
    if (mouse != null && inputs.mouseWindows() != null) {
      addMouse(x, inputs, kv.mouse(), startFrame, frame);
    }
    if (keyboard != null && inputs.keyboardWindows() != null) {
      addKeyboard(x, inputs, kv.keyboard(), startFrame, frame);
    }
  }

  private void addMouse(
      Tensor x, Inputs inputs, KvCacheAttention cached, long startFrame, Workspace.Frame outer) {
    int frames = inputs.mouseWindows().size(0);
    try (Workspace.Frame frame = outer.inner()) {
      Tensor joined = frame.like(x, x.size(0), x.size(1) + inputs.mouseWindows().size(1));
      appendColumns.run(x, inputs.mouseWindows(), joined);
      Tensor y = mouse.mlp().forward(joined, frame);
      mouse.norm().into(y, y);
      Tensor q = frame.like(y);
      KvCache.Room room = cached.append(startFrame, frames);
      Tensor k = flat(room.entries().keys(), y.size(0));
      Tensor v = flat(room.entries().values(), y.size(0));
      List<Linear> layers = List.of(mouse.q(), mouse.k(), mouse.v());
      Linear.allInto(LinearInput.of(y, frame), layers, List.of(q, k, v));
      rotate(k, inputs);
      Tensor attended = cached.attend(byPosition(rotate(q, inputs), frames), room.seen(), frame);
      mouse.proj().addTo(x, null, attended.reshape(x.size(0), config.mouseHiddenDim()), frame);
    }
  }

  private void addKeyboard(
      Tensor x, Inputs inputs, KvCacheAttention cached, long startFrame, Workspace.Frame outer) {
    int frames = inputs.keyboardWindows().size(0) / config.window();
    try (Workspace.Frame frame = outer.inner()) {
      Tensor embedded = keyboard.embed().forward(inputs.keyboardWindows(), frame);
      LinearInput windows =
          LinearInput.of(embedded.reshape(frames, embedded.elements() / frames), frame);
      Tensor q = rotate(keyboard.q().forward(x, frame), inputs);
      KvCache.Room room = cached.append(startFrame, frames);
      Tensor k = flat(room.entries().keys(), frames);
      Tensor v = flat(room.entries().values(), frames);
      Linear.allInto(windows, List.of(keyboard.k(), keyboard.v()), List.of(k, v));
      rotate(k, inputs);
      Tensor attended = cached.attend(q, room.seen(), frame);
      keyboard
          .proj()
          .addTo(x, null, attended.reshape(x.size(0), config.keyboardHiddenDim()), frame);
    }
  }

  /** {@code [T, C]} as {@code [T, H, D]}, normalised and rotated in place. */
  private Tensor rotate(Tensor x, Inputs inputs) {
    Tensor tokens = x.reshape(x.size(0), config.heads(), x.size(1) / config.heads());
    rmsNormRope.run(tokens, Span.HEAD, null, QK_EPS, inputs.rotary(), tokens);
    return tokens;
  }

  /** Keys or values of so many tokens as {@code [T, C]}. */
  private static Tensor flat(Tensor x, int tokens) {
    return x.reshape(tokens, x.elements() / tokens);
  }

  /** {@code [F * S, H, D]} as {@code [F, S, H, D]}. */
  private static Tensor byPosition(Tensor x, int frames) {
    return x.reshape(frames, x.size(0) / frames, x.size(1), x.size(2));
  }
}
