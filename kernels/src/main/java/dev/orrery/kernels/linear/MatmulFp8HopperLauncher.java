package dev.orrery.kernels.linear;

import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.cuda.CudaFunction;
import dev.orrery.kernels.cuda.TensorMap;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.util.EnumMap;
import java.util.Map;

/**
 * Launches {@code MatmulFp8Hopper.cu}: as many blocks as the GPU has multiprocessors walk over
 * tiles of 128 x 128.
 */
final class MatmulFp8HopperLauncher {
  private static final int TILE = 128;

  /** Elements along K of a box: the 128 bytes of the swizzle. */
  private static final int DEPTH = 128;

  private static final int STAGES = 6;
  private static final int THREADS = 384;
  private static final int SHARED_BYTES =
      STAGES * (2 * TILE * DEPTH + 2 * Long.BYTES) + MatmulHopperLauncher.Tile.STAGING_BYTES;

  private final CudaDevice device;
  private final Map<DType, CudaFunction> storing;
  private final Map<DType, CudaFunction> adding;

  MatmulFp8HopperLauncher(CudaDevice device) {
    this.device = device;
    storing = functions(device, "matmul_fp8_hopper");
    adding = functions(device, "matmul_fp8_residual_hopper");
  }

  private static Map<DType, CudaFunction> functions(CudaDevice device, String base) {
    Map<DType, CudaFunction> functions = new EnumMap<>(DType.class);
    for (DType type : new DType[] {DType.F16, DType.BF16}) {
      String name = MatmulLauncher.typed(base, type);
      functions.put(type, device.function("MatmulFp8Hopper", name, SHARED_BYTES));
    }
    return functions;
  }

  /** Launches a product whose rows begin at multiples of 16 bytes and whose result has 16 bits. */
  void launch(ScaledRows x, ScaledRows weight, Tensor bias, Epilogue epilogue) {
    Tensor out = epilogue.target();
    int tiles = Math.ceilDiv(out.size(0), TILE) * Math.ceilDiv(out.size(1), TILE);
    Map<DType, CudaFunction> functions = epilogue instanceof Epilogue.Store ? storing : adding;
    Object[] operands = {boxes(x.values()), x.scales(), boxes(weight.values()), weight.scales()};
    device.stream()
        .launch(
            functions.get(out.dtype()),
            Math.min(device.multiprocessors(), tiles),
            1,
            1,
            THREADS,
            SHARED_BYTES,
            QuantizedMatmulLauncher.arguments(operands, x.values().size(1), bias, epilogue));
  }

  private static TensorMap boxes(Tensor matrix) {
    long[] extents = {matrix.size(1), matrix.size(0)};
    long[] strides = {matrix.size(1)};
    return TensorMap.of(matrix, extents, strides, DEPTH, TILE);
  }
}
