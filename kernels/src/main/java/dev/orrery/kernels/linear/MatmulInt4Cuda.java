package dev.orrery.kernels.linear;

import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.util.EnumSet;

/** {@link MatmulInt4} on a GPU. Design and predictions: docs/kernels/MatmulInt4.md. */
public final class MatmulInt4Cuda extends QuantizedMatmulLauncher implements MatmulInt4 {
  public MatmulInt4Cuda(CudaDevice device) {
    super(device, "MatmulInt4", "matmul_int4", EnumSet.of(DType.F16, DType.BF16));
  }

  @Override
  public void launch(Tensor x, GroupedInt4 weight, Tensor bias, Epilogue epilogue) {
    Object[] operands = {x, weight.packed(), weight.scales(), weight.group()};
    boolean tiles =
        x.dtype() != DType.F32 && suitsTensorCores(x) && suitsTensorCores(weight.packed());
    launchProduct(operands, weight.columns(), tiles, bias, epilogue);
  }
}
