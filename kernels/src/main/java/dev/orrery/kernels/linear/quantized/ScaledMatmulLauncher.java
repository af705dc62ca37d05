package dev.orrery.kernels.linear.quantized;

import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.linear.Epilogue;
import dev.orrery.kernels.linear.MatmulHopperTile;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/**
 * Launches products of {@link ScaledRows} of one byte an element: by TMA and wgmma on a Hopper GPU
 * where rows begin at multiples of 16 bytes.
 */
abstract class ScaledMatmulLauncher extends QuantizedMatmulLauncher implements ScaledProduct {
  /** Null if the GPU is no Hopper. */
  private final ScaledMatmulHopperLauncher hopper;

  /**
   * @param stem the source; that for Hopper has "Hopper" behind it
   * @param base how names of its functions begin
   * @param hopperResults types of results that the source for Hopper has
   * @param hopperTiles tiles that it has
   */
  ScaledMatmulLauncher(
      CudaDevice device,
      String stem,
      String base,
      Set<DType> hopperResults,
      Set<MatmulHopperTile> hopperTiles) {
    super(device, stem, base, EnumSet.of(DType.F32, DType.F16, DType.BF16));
    hopper =
        device.isHopper()
            ? new ScaledMatmulHopperLauncher(
                device, stem + "Hopper", base, hopperResults, hopperTiles)
            : null;
  }

  /** Whether all rows of both operands begin where copies for tensor cores may. */
  static boolean suitTensorCores(ScaledRows x, ScaledRows weight) {
    return suitsTensorCores(x.values()) && suitsTensorCores(weight.values());
  }

  @Override
  public final void launch(ScaledRows x, ScaledRows weight, Tensor bias, Epilogue epilogue) {
    if (hopper != null && hopper.has(x, weight, epilogue)) {
      hopper.launch(x, weight, bias, epilogue);
    } else {
      Object[] operands = {x.values(), x.scales(), weight.values(), weight.scales()};
      launchProduct(operands, x.values().size(1), suitTensorCores(x, weight), bias, epilogue);
    }
  }

  @Override
  public final void launch(ScaledRows x, List<Layer> layers) {
    if (hopper != null && hopper.has(x, layers)) {
      hopper.launch(x, layers);
    } else {
      ScaledProduct.super.launch(x, layers);
    }
  }
}
