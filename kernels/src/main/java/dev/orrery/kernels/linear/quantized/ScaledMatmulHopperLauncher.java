package dev.orrery.kernels.linear.quantized;

import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.cuda.CudaKernel;
import dev.orrery.kernels.cuda.TensorMap;
import dev.orrery.kernels.linear.Epilogue;
import dev.orrery.kernels.linear.Matmul;
import dev.orrery.kernels.linear.MatmulHopperFunctions;
import dev.orrery.kernels.linear.MatmulHopperPlan;
import dev.orrery.kernels.linear.MatmulHopperTile;
import dev.orrery.kernels.linear.MatmulHopperTile.Work;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** Launches products of {@link ScaledRows} by TMA and wgmma. */
final class ScaledMatmulHopperLauncher extends CudaKernel {
  private final MatmulHopperFunctions storing;
  private final MatmulHopperFunctions adding;

  /** For several layers in bf16, which transformers compute in. */
  private final MatmulHopperFunctions joint;

  /**
   * @param stem the source
   * @param base how names of its functions begin
   * @param results types of results that it has
   * @param tiles that it has
   */
  ScaledMatmulHopperLauncher(
      CudaDevice device,
      String stem,
      String base,
      Set<DType> results,
      Set<MatmulHopperTile> tiles) {
    super(device);
    storing = new MatmulHopperFunctions(device, stem, base, results, tiles);
    adding = new MatmulHopperFunctions(device, stem, base + "_residual", results, tiles);
    joint = new MatmulHopperFunctions(device, stem, base + "_joint", EnumSet.of(DType.BF16), tiles);
  }

  /** Whether it has the product: by the type of its result, and where its rows begin. */
  boolean has(ScaledRows x, ScaledRows weight, Epilogue epilogue) {
    return storing.has(epilogue.target().dtype())
        && ScaledMatmulLauncher.suitTensorCores(x, weight);
  }

  /** Launches a product that it has. */
  void launch(ScaledRows x, ScaledRows weight, Tensor bias, Epilogue epilogue) {
    requireVector("bias", bias);
    Tensor out = epilogue.target();
    // A tensor map has no axis without elements.
    if (out.elements() == 0) {
      return;
    }
    MatmulHopperFunctions functions = epilogue instanceof Epilogue.Store ? storing : adding;
    MatmulHopperPlan plan =
        functions.plan(new Work(out.size(0), out.size(1)), out.dtype(), rowBytes(x));
    Object[] operands = {
      TensorMap.ofMatrix(x.values(), MatmulHopperTile.ROWS),
      x.scales(),
      TensorMap.ofMatrix(weight.values(), plan.weightRows()),
      weight.scales()
    };
    functions.launch(
        out.dtype(),
        plan,
        QuantizedMatmulLauncher.arguments(operands, x.values().size(1), bias, epilogue));
  }

  /** Whether it has several layers in one launch. */
  boolean has(ScaledRows x, List<ScaledProduct.Layer> layers) {
    return layers.size() > 1
        && joint.has(layers.getFirst().out().dtype())
        && layers.stream()
            .allMatch(layer -> ScaledMatmulLauncher.suitTensorCores(x, layer.weight()));
  }

  /** Launches layers that it has. */
  void launch(ScaledRows x, List<ScaledProduct.Layer> layers) {
    Tensor out = layers.getFirst().out();
    if (out.elements() == 0) {
      return;
    }
    Work work = new Work(layers.size(), out.size(0), out.size(1));
    MatmulHopperPlan plan = joint.plan(work, out.dtype(), rowBytes(x));
    List<Object> arguments = new ArrayList<>();
    arguments.add(TensorMap.ofMatrix(x.values(), MatmulHopperTile.ROWS));
    arguments.addAll(List.of(x.scales(), layers.size()));
    for (int i = 0; i < Matmul.MOST_LAYERS; i++) {
      // Where there is none, another one stands.
      ScaledProduct.Layer layer = layers.get(Math.min(i, layers.size() - 1));
      requireVector("bias", layer.bias());
      arguments.add(TensorMap.ofMatrix(layer.weight().values(), plan.weightRows()));
      arguments.addAll(Arrays.asList(layer.weight().scales(), layer.bias(), layer.out()));
    }
    arguments.addAll(List.of(out.size(0), out.size(1), x.values().size(1)));
    joint.launch(out.dtype(), plan, arguments.toArray());
  }

  private static long rowBytes(ScaledRows x) {
    return (long) x.values().size(1) * x.values().dtype().byteSize();
  }
}
