package dev.orrery.benchmarks;

import dev.orrery.kernels.linear.Activation;

/**
 * Instructions of pieces of CUDA code, counted by hand from the size of {@code .text} of functions
 * with and without them, compiled for sm_90a by nvcc 13.0.88. Each holds for a text of the source:
 * where that changed, it has to be counted again.
 */
enum CountedInstructions {
  /** Of an element. */
  SILU("activation.cuh", "return divide_approx(y, 1.0f + exp2_approx(-kLog2E * y));", 5, 2),
  /** Of an element. */
  GELU_TANH(
      "activation.cuh",
      "return divide_approx(y, 1.0f + exp2_approx(y * fmaf(kCubic, y * y, kSlope)));",
      7,
      2),
  /** Of an element. */
  GELU_ERF(
      "activation.cuh",
      "const float w = divide_approx(fabsf(y), fmaf(0.3625f, fabsf(y), 1.0f));"
          + " float sum = fmaf(1.09058e-4f, w, -6.8000035e-4f);"
          + " sum = fmaf(sum, w, -4.6014351e-5f);"
          + " sum = fmaf(sum, w, 5.0525199e-3f);"
          + " sum = fmaf(sum, w, 2.660283e-2f);"
          + " sum = fmaf(sum, w, -2.1770966e-1f);"
          + " sum = fmaf(sum, w, 5.0000038e-1f);"
          + " return fmaf(-w * sum, exp2_approx(kExponent * y * y), fmaxf(y, 0.0f));",
      15,
      2),
  /** Of an element. */
  SIGMOID("activation.cuh", "return divide_approx(1.0f, 1.0f + exp2_approx(-kLog2E * y));", 5, 2),
  /** Of an element: two products, and the conversion of a sum of int8. */
  SCALES("matmul_epilogue.cuh", "sums[i] = __fmul_rn(sums[i], same.scales[i]);", 3),
  /** Of a score: the conversion of its sum of int8. */
  INT8_SCORE("online_softmax.cuh", "scores[e] = float(products[e]);", 1),
  /** Of eight channels of a pixel: what is added, rounded, exchanged by four lanes and stored. */
  CONV_HOPPER_STORE(
      "ConvHopper.cu",
      "words[j] = pack<T>(pair[0] + biases[2 * j], pair[1] + biases[2 * j + 1]);"
          + " } transpose_quad(words);",
      57),
  /** Of a thread at the end of a tile, with up to 4 channels: sums exchanged, added and stored. */
  CONV_KN2ROW_STORE_4("ConvKn2rowHopper.cu", CountedInstructions.EXCHANGE, 440),
  /** The same with up to 12 channels. */
  CONV_KN2ROW_STORE_12("ConvKn2rowHopper.cu", CountedInstructions.EXCHANGE, 648),
  /**
   * Of a step of a warp: places in the frame, addresses and copies; 235 with loads and products.
   */
  CONV_STEP(
      "conv.cuh",
      "const bool present = is_inside(shape, windows[i], term);"
          + " const T *from = present ? input_of(tensors, shape, windows[i], term) : anywhere;",
      173);

  private static final String EXCHANGE =
      "*reinterpret_cast<float2 *>(to) = make_float2(pair[0], pair[1]);";

  private final String file;
  private final String text;
  private final int count;
  private final int special;

  CountedInstructions(String file, String text, int count) {
    this(file, text, count, 0);
  }

  /**
   * @param special those of the units that take exponentials and reciprocals
   */
  CountedInstructions(String file, String text, int count, int special) {
    this.file = file;
    this.text = text;
    this.count = count;
    this.special = special;
  }

  /** The count, if the source still has what was counted. */
  int in(CudaSources sources) {
    if (!sources.has(file, text)) {
      throw new IllegalStateException(
          file + " changed: count the instructions of " + this + " again");
    }
    return count;
  }

  /** Cycles of a multiprocessor for each element, all lanes together. */
  double cycles(CudaSources sources) {
    return Math.max(
        in(sources) / (32.0 * HopperRates.SCHEDULERS), special / HopperRates.EXPONENTIALS);
  }

  /** The same for an activation. */
  static double cycles(Activation activation, CudaSources sources) {
    return activation == Activation.NONE ? 0 : valueOf(activation.name()).cycles(sources);
  }
}
