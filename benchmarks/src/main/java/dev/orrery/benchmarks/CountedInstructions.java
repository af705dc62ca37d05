package dev.orrery.benchmarks;

import dev.orrery.kernels.linear.Activation;

/**
 * Instructions of pieces of CUDA code, counted by hand from the size of {@code .text} of functions
 * with and without them, compiled for sm_90a by nvcc 13.0.88. Each holds for a text of the source:
 * where that changed, it has to be counted again.
 */
enum CountedInstructions {
  /** Of an element. */
  SILU("activation.cuh", "return y / (1.0f + expf(-y));", 38),
  /** Of an element. */
  GELU_TANH(
      "activation.cuh",
      "return 0.5f * y * (1.0f + tanhf(kSqrt2OverPi * (y + 0.044715f * y * y * y)));",
      22),
  /** Of an element. */
  GELU_ERF("activation.cuh", "return 0.5f * y * erfcf(-kSqrtHalf * y);", 49),
  /** Of an element: one multiplication less than SiLU. */
  SIGMOID("activation.cuh", "return 1.0f / (1.0f + expf(-y));", 37),
  /**
   * Of a step of a warp: places in the frame, addresses and copies; 235 with loads and products.
   */
  CONV_STEP(
      "conv.cuh",
      "const bool present = is_inside(shape, windows[i], term);"
          + " const T *from = present ? input_of(tensors, shape, windows[i], term) : anywhere;",
      173);

  private final String file;
  private final String text;
  private final int count;

  CountedInstructions(String file, String text, int count) {
    this.file = file;
    this.text = text;
    this.count = count;
  }

  /** The count, if the source still has what was counted. */
  int in(CudaSources sources) {
    if (!sources.has(file, text)) {
      throw new IllegalStateException(
          file + " changed: count the instructions of " + this + " again");
    }
    return count;
  }

  /** Instructions of an activation of an element. */
  static int of(Activation activation, CudaSources sources) {
    return activation == Activation.NONE ? 0 : valueOf(activation.name()).in(sources);
  }
}
