package dev.orrery.benchmarks;

import static dev.orrery.benchmarks.HopperRates.BYTES_PER_SECOND;
import static dev.orrery.benchmarks.HopperRates.CLOCK;
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
 * @param halves how many of the tiles take half as long and come last
 * @param secondsBefore of a launch that prepares its operands; 0 if there is none
 * @param hiddenCycles how much of a tile runs beside the next one of the same multiprocessor
 */
record LaunchCost(
    String kernel,
    long blocks,
    int steps,
    StepCycles step,
    double stepCycles,
    double endCycles,
    double memoryBytes,
    long halves,
    double secondsBefore,
    double hiddenCycles) {
  /** A launch of tiles that take the same time, and that nothing is prepared for. */
  LaunchCost(
      String kernel,
      long blocks,
      int steps,
      StepCycles step,
      double stepCycles,
      double endCycles,
      double memoryBytes) {
    this(kernel, blocks, steps, step, stepCycles, endCycles, memoryBytes, 0, 0, 0);
  }

  /** The same with cycles of each tile but the last that the next one hides. */
  LaunchCost hiding(double cycles) {
    return new LaunchCost(
        kernel,
        blocks,
        steps,
        step,
        stepCycles,
        endCycles,
        memoryBytes,
        halves,
        secondsBefore,
        cycles);
  }

  /** A launch that is bound by its bytes. */
  static LaunchCost ofBytes(String kernel, double bytes) {
    return new LaunchCost(kernel, 0, 0, StepCycles.NONE, 0, 0, bytes);
  }

  /** This launch behind one that prepares its operands. */
  LaunchCost after(LaunchCost first) {
    return new LaunchCost(
        kernel,
        blocks,
        steps,
        step,
        stepCycles,
        endCycles,
        memoryBytes,
        halves,
        first.seconds(),
        hiddenCycles);
  }

  /** Tiles that the busiest multiprocessor computes. */
  double rounds() {
    long whole = blocks - halves;
    long rounds = Math.ceilDiv(whole, MULTIPROCESSORS);
    // Halves go where the last round leaves room for two.
    long left = Math.max(0, halves - 2 * (rounds * MULTIPROCESSORS - whole));
    return rounds + 0.5 * Math.ceilDiv(left, MULTIPROCESSORS);
  }

  double seconds() {
    return secondsBefore + START + Math.max(computing(), memoryBytes / BYTES_PER_SECOND);
  }

  private double computing() {
    double hidden = Math.max(0, rounds() - 1) * hiddenCycles;
    return (rounds() * (steps * stepCycles + endCycles) - hidden) / CLOCK;
  }

  /** What most of the time goes to. */
  String bound() {
    double memory = memoryBytes / BYTES_PER_SECOND;
    if (START > Math.max(computing(), memory)) {
      return "launch";
    }
    if (memory > computing()) {
      return "memory";
    }
    return endCycles > steps * stepCycles ? "filling and epilogue" : step.busiest();
  }
}
