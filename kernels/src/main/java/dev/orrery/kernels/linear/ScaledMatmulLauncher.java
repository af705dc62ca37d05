package dev.orrery.kernels.linear;

import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.util.EnumSet;

/** Launches products of {@link ScaledRows} of one byte an element. */
abstract class ScaledMatmulLauncher extends QuantizedMatmulLauncher {
  /**
   * @param stem the source
   * @param base how names of its functions begin
   */
  ScaledMatmulLauncher(CudaDevice device, String stem, String base) {
    super(device, stem, base, EnumSet.of(DType.F32, DType.F16, DType.BF16));
  }

  /** Whether all rows of both operands begin where copies for tensor cores may. */
  static boolean suitTensorCores(ScaledRows x, ScaledRows weight) {
    return suitsTensorCores(x.values()) && suitsTensorCores(weight.values());
  }

  /** Launches a product. */
  final void launchProduct(ScaledRows x, ScaledRows weight, Tensor bias, Epilogue epilogue) {
    Object[] operands = {x.values(), x.scales(), weight.values(), weight.scales()};
    launchProduct(operands, x.values().size(1), suitTensorCores(x, weight), bias, epilogue);
  }
}
