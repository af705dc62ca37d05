package dev.orrery.benchmarks.peers;

import java.util.List;

/** A library. */
interface Peer {
  /** Its name and version. */
  String name();

  /**
   * The ways in which it solves a problem; none if it has no such operation.
   *
   * @param threads to compute with
   */
  List<Call> calls(Problem problem, int threads) throws Exception;

  /**
   * The ways in which it runs a block; none if it has no such graphs.
   *
   * @param values of the block's tensors
   * @param threads to compute with
   */
  default List<Call> calls(Block block, BlockValues values, int threads) throws Exception {
    return List.of();
  }
}
