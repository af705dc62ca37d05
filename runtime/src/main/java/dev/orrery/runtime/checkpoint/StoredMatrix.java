package dev.orrery.runtime.checkpoint;

import dev.orrery.kernels.linear.quantized.GroupedInt4;
import dev.orrery.kernels.linear.quantized.ScaledRows;
import dev.orrery.kernels.tensor.Tensor;

/** The weight {@code [N, K]} of a linear layer in the form in which a checkpoint stores it. */
public sealed interface StoredMatrix {
  /**
   * Not quantised.
   *
   * @param values {@code [N, K]}, fp32, fp16 or bf16
   */
  record Plain(Tensor values) implements StoredMatrix {}

  /**
   * Int8 or fp8 E4M3 with a scale for each output channel.
   *
   * @param rows {@code [N, K]}
   */
  record Rows(ScaledRows rows) implements StoredMatrix {}

  /**
   * Four bits an element, with a scale for each group of elements of an output channel.
   *
   * @param groups {@code [N, K]}
   */
  record Groups(GroupedInt4 groups) implements StoredMatrix {}
}
