package dev.orrery.benchmarks;

import java.util.stream.DoubleStream;

/**
 * Cycles that one step of a block, a slice of its sum or a tile of keys, takes of each unit of its
 * multiprocessor.
 *
 * @param tensor of the tensor cores, at the rate of the instruction that is used
 * @param shared of shared memory: what is written to it and read from it
 * @param l2 of the way from the L2 cache
 * @param issue of the schedulers, for instructions that are not products
 * @param exponentials of the units that take them
 */
record StepCycles(double tensor, double shared, double l2, double issue, double exponentials) {
  /** A step of a kernel that computes nothing in steps. */
  static final StepCycles NONE = new StepCycles(0, 0, 0, 0, 0);

  /** Where a step's copies and products run by themselves: as long as the busiest unit. */
  double overlapped() {
    return DoubleStream.of(tensor, shared, l2).max().orElseThrow();
  }

  /** The same in attention, whose exponentials are hidden in part and other instructions not. */
  double attention() {
    return overlapped() + HopperRates.UNHIDDEN_EXPONENTIALS * exponentials + issue;
  }

  /**
   * Where barriers let the warps of a block use one unit after the other, and only other blocks use
   * the rest: the upper bound of a closed network with a customer for each block.
   *
   * @param blocks on the multiprocessor
   */
  double inTurns(int blocks) {
    double longest = Math.max(overlapped(), issue);
    return Math.max(l2, (tensor + shared + issue + (blocks - 1) * longest) / blocks);
  }

  /**
   * Cycles of a tile that the next one hides: slices of that come from L2 all the time, until they
   * fill the ring, and are then multiplied as fast as tensor cores can.
   *
   * @param end cycles of a tile behind its steps
   * @param slots of the ring
   */
  double hidden(int steps, double end, int slots) {
    double copying = steps * l2 + Math.max(0, end - slots * l2);
    double multiplying = steps * Math.max(tensor, shared) + end;
    return steps * overlapped() + end - Math.max(copying, multiplying);
  }

  /** The unit that is needed longest. */
  String busiest() {
    double most = DoubleStream.of(tensor, shared, l2, issue, exponentials).max().orElseThrow();
    if (most == tensor) {
      return "tensor cores";
    }
    if (most == shared) {
      return "shared memory";
    }
    return most == l2 ? "L2" : most == issue ? "instructions" : "exponentials";
  }
}
