package dev.orrery.model.worldplayhy;

import dev.orrery.kernels.backend.TensorArena;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.runtime.memory.KvCache;
import dev.orrery.runtime.memory.SessionState;
import java.util.ArrayList;
import java.util.List;

/**
 * The keys and values that a prompt and a picture leave for the video tokens in each block. There
 * is room for the longest prompt, so that all starts take the same memory.
 */
final class TextMemory implements SessionState.Part {
  private final List<KvCache.View> blocks = new ArrayList<>();
  private final int capacity;
  private int tokens;

  /**
   * An empty memory.
   *
   * @param dtype of keys and values
   * @param capacity tokens of the longest prompt with its picture
   * @param arena owner of the memory
   */
  TextMemory(WorldPlayHyTransformerConfig config, DType dtype, int capacity, TensorArena arena) {
    this.capacity = capacity;
    for (int i = 0; i < config.layers(); i++) {
      blocks.add(
          new KvCache.View(
              arena.empty(dtype, capacity, config.heads(), config.headDim()),
              arena.empty(dtype, capacity, config.heads(), config.headDim())));
    }
  }

  /** Tokens that were remembered. */
  int tokens() {
    return tokens;
  }

  /** Says how many tokens are going to be remembered. */
  void begin(int count) {
    if (count > capacity) {
      throw new IllegalArgumentException(
          "prompt: expected at most "
              + capacity
              + " tokens together with the picture, found "
              + count);
    }
    tokens = count;
  }

  /** Keys and values {@code [tokens, H, D]} of a block. */
  KvCache.View block(int index) {
    KvCache.View room = blocks.get(index);
    return new KvCache.View(room.keys().slice(0, tokens), room.values().slice(0, tokens));
  }

  @Override
  public void visitState(SessionState.Visitor state) {
    tokens = (int) state.number("tokens", tokens, capacity);
    if (tokens == 0) {
      throw state.refusal("tokens", "expected 1 to " + capacity + ", found 0");
    }
    for (int i = 0; i < blocks.size(); i++) {
      state.part("block" + i, block(i));
    }
  }
}
