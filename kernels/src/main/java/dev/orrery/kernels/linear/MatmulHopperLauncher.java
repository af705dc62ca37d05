package dev.orrery.kernels.linear;

import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.cuda.TensorMap;
import dev.orrery.kernels.linear.MatmulHopperTile.Work;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Launches {@code MatmulHopper.cu}, whose tile is chosen for each product. */
final class MatmulHopperLauncher {
  private final MatmulHopperFunctions functions;

  /**
   * @param base how names of the operation's functions begin
   * @param types that it has functions for
   */
  MatmulHopperLauncher(CudaDevice device, String base, Set<DType> types) {
    functions =
        new MatmulHopperFunctions(
            device, "MatmulHopper", base, types, EnumSet.allOf(MatmulHopperTile.class));
  }

  /** Launches a product; arguments as those of {@link MatmulLauncher#launchProduct}. */
  void launch(Tensor x, Tensor weight, Tensor bias, Tensor out, Object[] ending) {
    // A tensor map has no axis without elements.
    if (out.elements() == 0) {
      return;
    }
    MatmulHopperPlan plan = plan(x, new Work(out.size(0), out.size(1)));
    TensorMap boxesOfX = TensorMap.ofMatrix(x, MatmulHopperTile.ROWS);
    TensorMap boxesOfWeight = TensorMap.ofMatrix(weight, plan.weightRows());
    functions.launch(
        x.dtype(),
        plan,
        MatmulLauncher.arguments(boxesOfX, boxesOfWeight, bias, out, x.size(1), ending));
  }

  /** Whether it has functions for a type. */
  boolean has(DType type) {
    return functions.has(type);
  }

  /** Launches layers of the same input: functions of {@code matmul_joint}. */
  void launch(Tensor x, List<Matmul.Layer> layers) {
    Tensor out = layers.getFirst().out();
    if (out.elements() == 0) {
      return;
    }
    MatmulHopperPlan plan = plan(x, new Work(layers.size(), out.size(0), out.size(1)));
    List<Object> arguments = new ArrayList<>();
    arguments.add(TensorMap.ofMatrix(x, MatmulHopperTile.ROWS));
    arguments.add(layers.size());
    for (int i = 0; i < Matmul.MOST_LAYERS; i++) {
      // Where there is none, another one stands.
      Matmul.Layer layer = layers.get(Math.min(i, layers.size() - 1));
      arguments.add(TensorMap.ofMatrix(layer.weight(), plan.weightRows()));
      arguments.addAll(Arrays.asList(layer.bias(), layer.out()));
    }
    arguments.addAll(List.of(out.size(0), out.size(1), x.size(1)));
    functions.launch(x.dtype(), plan, arguments.toArray());
  }

  private MatmulHopperPlan plan(Tensor x, Work work) {
    return functions.plan(work, x.dtype(), (long) x.size(1) * x.dtype().byteSize());
  }
}
