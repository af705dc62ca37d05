package dev.orrery.kernels.attention;

import dev.orrery.kernels.tensor.Check;
import dev.orrery.kernels.tensor.Tensor;

/**
 * Attention over a whole sequence of frames under the block-causal mask: a query in block b, which
 * ends at frame {@code E = (b+1) * framesPerChunk}, sees the keys of frames {@code E - windowFrames
 * <= j < E}. The visible keys of a block are one range of rows, so this is one {@link Attention}
 * for each block and needs no kernel of its own. Feeding the blocks one after the other through a
 * rolling cache of windowFrames frames gives the same numbers.
 */
public final class BlockCausalAttention {
  /**
   * Attention of some queries to all given keys: {@link Attention#run} or {@link
   * TemporalAttention#run}.
   */
  @FunctionalInterface
  public interface Attend {
    void run(Tensor q, Tensor k, Tensor v, double scale, Tensor out);
  }

  private final Attend attention;
  private final int framesPerChunk;
  private final int windowFrames;

  /**
   * @param attention kernel for one block
   * @param framesPerChunk frames that are generated together
   * @param windowFrames frames a query sees, its own block included
   */
  public BlockCausalAttention(Attend attention, int framesPerChunk, int windowFrames) {
    Check.that(
        framesPerChunk > 0 && windowFrames >= framesPerChunk,
        "windowFrames: expected at least the "
            + framesPerChunk
            + " frames of a block, found "
            + windowFrames);
    this.attention = attention;
    this.framesPerChunk = framesPerChunk;
    this.windowFrames = windowFrames;
  }

  /**
   * Runs all blocks. Keys may have fewer rows per frame than queries (the keyboard branch has one).
   *
   * @param frames frames of the sequence
   * @param q {@code [frames * Sq, ...]}
   * @param k {@code [frames * Sk, ...]}
   * @param v {@code [frames * Sk, ...]}
   * @param out {@code [frames * Sq, ...]}
   */
  public void run(int frames, Tensor q, Tensor k, Tensor v, double scale, Tensor out) {
    Check.multiple("queries", q.size(0), "frames", frames);
    Check.multiple("keys", k.size(0), "frames", frames);
    int queriesPerFrame = q.size(0) / frames;
    int keysPerFrame = k.size(0) / frames;
    for (int start = 0; start < frames; start += framesPerChunk) {
      int end = Math.min(start + framesPerChunk, frames);
      long firstKey = (long) Math.max(0, start + framesPerChunk - windowFrames) * keysPerFrame;
      long endKey = (long) end * keysPerFrame;
      long firstQuery = (long) start * queriesPerFrame;
      long endQuery = (long) end * queriesPerFrame;
      attention.run(
          q.slice(firstQuery, endQuery),
          k.slice(firstKey, endKey),
          v.slice(firstKey, endKey),
          scale,
          out.slice(firstQuery, endQuery));
    }
  }
}
