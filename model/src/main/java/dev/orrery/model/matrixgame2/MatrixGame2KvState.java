package dev.orrery.model.matrixgame2;

import dev.orrery.kernels.attention.TemporalAttention;
import dev.orrery.kernels.backend.Backend;
import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.model.layers.AttentionPrecision;
import dev.orrery.model.layers.KvCacheAttention;
import dev.orrery.model.layers.WindowAttention;
import dev.orrery.runtime.memory.KvCache;
import dev.orrery.runtime.memory.SessionState;
import java.util.ArrayList;
import java.util.List;

/**
 * Keys and values of one session, a {@link Layer} for each block of the transformer.
 *
 * @param layers in the order of the blocks
 */
record MatrixGame2KvState(List<Layer> layers) implements SessionState.Part {
  /**
   * Empty caches of the frames that a query sees.
   *
   * @param attention of the video tokens
   * @param images keys and values of the start image, for each block
   * @param tokensPerFrame tokens of a latent frame
   * @param arena owner of the caches
   */
  static MatrixGame2KvState empty(
      MatrixGame2TransformerConfig config,
      WindowAttention attention,
      List<KvCache.View> images,
      int tokensPerFrame,
      Backend backend,
      TensorArena arena) {
    ActionConfig action = config.action();
    int frames = config.localAttnSize();
    int sinkRows = config.sinkSize() * tokensPerFrame;
    long rows = (long) frames * tokensPerFrame;
    long[] extents = {rows, config.heads(), config.dim() / config.heads()};
    List<Layer> layers = new ArrayList<>();
    for (int i = 0; i < images.size(); i++) {
      boolean acts = action.blocks().contains(i);
      layers.add(
          new Layer(
              KvCacheAttention.empty(attention, backend, arena, sinkRows, extents),
              images.get(i),
              acts ? Actions.empty(action, frames, tokensPerFrame, backend, arena) : null));
    }
    return new MatrixGame2KvState(layers);
  }

  /**
   * Keys and values of one block.
   *
   * @param self of the video tokens
   * @param image of the start image, which belongs to the condition
   * @param actions of the action module; null in blocks without one
   */
  record Layer(KvCacheAttention self, KvCache.View image, Actions actions)
      implements SessionState.Part {
    @Override
    public void visitState(SessionState.Visitor state) {
      state.part("self", self);
      if (actions != null) {
        state.part("actions", actions);
      }
    }
  }

  @Override
  public void visitState(SessionState.Visitor state) {
    for (int i = 0; i < layers.size(); i++) {
      state.part("block" + i, layers.get(i));
    }
  }

  /**
   * Keys and values of an action module.
   *
   * @param mouse rows {@code [S, H, D]}, one a frame; null without a mouse
   * @param keyboard rows {@code [H, D]}, one a frame; null without a keyboard
   */
  record Actions(KvCacheAttention mouse, KvCacheAttention keyboard) implements SessionState.Part {
    @Override
    public void visitState(SessionState.Visitor state) {
      if (mouse != null) {
        state.part("mouse", mouse);
      }
      if (keyboard != null) {
        state.part("keyboard", keyboard);
      }
    }

    /** Empty caches of the latest {@code frames} latent frames. */
    static Actions empty(
        ActionConfig config, int frames, int tokensPerFrame, Backend backend, TensorArena arena) {
      int heads = config.heads();
      KvCacheAttention mouse = null;
      if (config.enableMouse()) {
        TemporalAttention temporal = backend.kernel(TemporalAttention.class);
        long[] extents = {frames, tokensPerFrame, heads, config.mouseHeadDim()};
        mouse =
            KvCacheAttention.empty(
                (q, k, v, scale, out, frame) -> temporal.run(q, k, v, scale, out),
                backend,
                arena,
                0,
                extents);
      }
      KvCacheAttention keyboard = null;
      if (config.enableKeyboard()) {
        WindowAttention attention = WindowAttention.of(backend, AttentionPrecision.FLOAT);
        long[] extents = {frames, heads, config.keyboardHeadDim()};
        keyboard = KvCacheAttention.empty(attention, backend, arena, 0, extents);
      }
      return new Actions(mouse, keyboard);
    }
  }
}
