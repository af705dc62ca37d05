package dev.orrery.benchmarks;

import static dev.orrery.benchmarks.HopperRates.BYTES_PER_SECOND;
import static dev.orrery.benchmarks.HopperRates.CLOCK;
import static dev.orrery.benchmarks.HopperRates.GAP;
import static dev.orrery.benchmarks.HopperRates.MULTIPROCESSORS;
import static dev.orrery.benchmarks.HopperRates.START;

/**
 * The predicted time of a launch and what it was counted from.
 *
 * @param kernel the source and the tile of a block
 * @param blocks tiles of the launch; 0 where only its bytes count
 * @param steps of a tile
 * @param step what a step takes of each unit
 * @param stepCycles what a step takes, units overlapping as the kernel lets them
 * @param endCycles what each tile takes beside its steps: filling, epilogue
 * @param memoryBytes from and to memory
 * @param secondsBefore of a launch that prepares its operands; 0 if there is none
 */
record LaunchCost(
    String kernel,
    long blocks,
    int steps,
    StepCycles step,
    double stepCycles,
    double endCycles,
    double memoryBytes,
    double secondsBefore) {
  /** A launch that nothing is prepared for. */
  LaunchCost(
      String kernel,
      long blocks,
      int steps,
      StepCycles step,
      double stepCycles,
      double endCycles,
      double memoryBytes) {
    this(kernel, blocks, steps, step, stepCycles, endCycles, memoryBytes, 0);
  }

  /** A launch that is bound by its bytes. */
  static LaunchCost ofBytes(String kernel, double bytes) {
    return new LaunchCost(kernel, 0, 0, StepCycles.NONE, 0, 0, bytes);
  }

  /** This launch behind one that prepares its operands. */
  LaunchCost after(LaunchCost first) {
    return new LaunchCost(
        kernel, blocks, steps, step, stepCycles, endCycles, memoryBytes, first.seconds());
  }

  /** Tiles that the busiest multiprocessor computes. */
  long rounds() {
    return Math.ceilDiv(blocks, MULTIPROCESSORS);
  }

  double seconds() {
    return secondsBefore + GAP + START + Math.max(computing(), memoryBytes / BYTES_PER_SECOND);
  }

  private double computing() {
    return rounds() * (steps * stepCycles + endCycles) / CLOCK;
  }

  /** What most of the time goes to. */
  String bound() {
    double memory = memoryBytes / BYTES_PER_SECOND;
    if (GAP + START > Math.max(computing(), memory)) {
      return "launch";
    }
    if (memory > computing()) {
      return "memory";
    }
    return endCycles > steps * stepCycles ? "filling and epilogue" : step.busiest();
  }
}
