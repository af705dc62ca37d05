package dev.orrery.play.server;

import dev.orrery.play.BlockMade;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;

/** The newest blocks, for viewers who come later. Not for several threads. */
final class RecentBlocks {
  /** A minute of most worlds; with the thumbnails some 150 kB. */
  static final int MOST = 32;

  private final Deque<Recent> blocks = new ArrayDeque<>();

  /**
   * A block.
   *
   * @param messages that tell of it
   */
  private record Recent(int block, List<String> messages) {}

  /** A block was made. */
  void made(BlockMade made, List<String> messages) {
    before(made.block());
    blocks.add(new Recent(made.block(), messages));
    if (blocks.size() > MOST) {
      blocks.remove();
    }
  }

  /** Only what came before a block is true still. */
  void before(int block) {
    while (!blocks.isEmpty() && blocks.getLast().block() >= block) {
      blocks.removeLast();
    }
  }

  /** Another world. */
  void clear() {
    blocks.clear();
  }

  /** What tells of them, oldest first. */
  List<String> messages() {
    return blocks.stream().flatMap(recent -> recent.messages().stream()).toList();
  }
}
