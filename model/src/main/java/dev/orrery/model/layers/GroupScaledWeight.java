package dev.orrery.model.layers;

import dev.orrery.kernels.linear.Epilogue;
import dev.orrery.kernels.linear.quantized.GroupedInt4;
import dev.orrery.kernels.linear.quantized.MatmulInt4;
import dev.orrery.kernels.tensor.Tensor;
import java.util.List;

/**
 * A weight of four bits an element, multiplied with activations as they are.
 *
 * @param groups {@code [out, in]}
 */
record GroupScaledWeight(MatmulInt4 matmul, GroupedInt4 groups) implements LinearWeight {
  static GroupScaledWeight of(Parameters p, GroupedInt4 groups) {
    return new GroupScaledWeight(p.kernel(MatmulInt4.class), groups);
  }

  @Override
  public void run(LinearInput x, Tensor bias, Epilogue epilogue) {
    matmul.run(x.tensor(), groups, bias, epilogue);
  }

  /** No kernel has several. */
  @Override
  public boolean runAll(LinearInput x, List<Part> parts) {
    return false;
  }

  @Override
  public LinearWeight outputs(int from, int to) {
    GroupedInt4 some =
        new GroupedInt4(groups.packed().slice(from, to), groups.scales().slice(from, to));
    return new GroupScaledWeight(matmul, some);
  }
}
