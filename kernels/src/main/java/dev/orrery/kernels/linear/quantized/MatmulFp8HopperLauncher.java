package dev.orrery.kernels.linear.quantized;

import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.cuda.CudaFunction;
import dev.orrery.kernels.cuda.CudaKernel;
import dev.orrery.kernels.cuda.TensorMap;
import dev.orrery.kernels.linear.Epilogue;
import dev.orrery.kernels.linear.MatmulHopperTile;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.util.EnumMap;
import java.util.Map;

/**
 * Launches {@code MatmulFp8Hopper.cu}: as many blocks as the GPU has multiprocessors walk over
 * tiles of 128 x 128.
 */
final class MatmulFp8HopperLauncher extends CudaKernel {
  private static final MatmulHopperTile TILE = MatmulHopperTile.NARROW;

  private final Map<DType, CudaFunction> storing;
  private final Map<DType, CudaFunction> adding;

  MatmulFp8HopperLauncher(CudaDevice device) {
    super(device);
    storing = functions(device, "matmul_fp8_hopper");
    adding = functions(device, "matmul_fp8_residual_hopper");
  }

  private static Map<DType, CudaFunction> functions(CudaDevice device, String base) {
    Map<DType, CudaFunction> functions = new EnumMap<>(DType.class);
    for (DType type : new DType[] {DType.F16, DType.BF16}) {
      String name = base + suffix(type);
      functions.put(type, device.function("MatmulFp8Hopper", name, TILE.sharedBytes()));
    }
    return functions;
  }

  /** Launches a product whose rows begin at multiples of 16 bytes and whose result has 16 bits. */
  void launch(ScaledRows x, ScaledRows weight, Tensor bias, Epilogue epilogue) {
    Tensor out = epilogue.target();
    // A tensor map has no axis without elements.
    if (out.elements() == 0) {
      return;
    }
    Map<DType, CudaFunction> functions = epilogue instanceof Epilogue.Store ? storing : adding;
    Object[] operands = {
      TensorMap.ofMatrix(x.values(), MatmulHopperTile.ROWS),
      x.scales(),
      TensorMap.ofMatrix(weight.values(), TILE.columns()),
      weight.scales()
    };
    stream()
        .launch(
            functions.get(out.dtype()),
            TILE.blocks(out.size(0), out.size(1), device().multiprocessors()),
            1,
            1,
            MatmulHopperTile.THREADS,
            TILE.sharedBytes(),
            QuantizedMatmulLauncher.arguments(operands, x.values().size(1), bias, epilogue));
  }
}
