package dev.orrery.benchmarks.peers;

import dev.orrery.kernels.tensor.Tensor;
import dev.orrery.runtime.memory.Workspace;

/**
 * A transformer block of a model family at a shape of its released model: the model's own code, and
 * the same as a graph of ONNX. All tensors are fp32. Blocks belong to their models alone, so that
 * classes that run one lie in the model's package.
 */
public interface Block {
  /** What tokens go in and come out, {@code [T, C]}. */
  String X = "x";

  /** A block that is ready to run. */
  @FunctionalInterface
  interface Pass {
    /**
     * Runs it.
     *
     * @param x {@code [T, C]}, replaced
     */
    void run(Tensor x, Workspace.Frame frame);
  }

  /** Its name, {@code MATRIX_GAME_2_BLOCK}. */
  String name();

  /** Its extents and how they are called. */
  String shape();

  /** Shape of the tokens that go in and come out, {@code [T, C]}. */
  int[] tokensShape();

  /** The model's block with what it remembers. */
  Pass pass(BlockMemory memory);

  /**
   * Describes the same.
   *
   * @return name of what comes out, {@code [1, T, C]}
   */
  String graph(OnnxLayers onnx);
}
