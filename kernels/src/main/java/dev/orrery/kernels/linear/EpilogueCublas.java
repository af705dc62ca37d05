package dev.orrery.kernels.linear;

import dev.orrery.kernels.cuda.CudaDevice;
import dev.orrery.kernels.cuda.CudaFunction;
import dev.orrery.kernels.cuda.CudaKernel;
import dev.orrery.kernels.tensor.DType;
import dev.orrery.kernels.tensor.Tensor;
import java.util.stream.Stream;

/** Launches {@code MatmulCublas.cu}: what an operation does with a product. */
final class EpilogueCublas extends CudaKernel {
  private static final int THREADS = 256;
  private static final int COLUMNS_PER_THREAD = 8;

  private final CudaFunction f16;
  private final CudaFunction bf16;

  /**
   * @param base how names of the operation's functions begin
   */
  EpilogueCublas(CudaDevice device, String base) {
    super(device);
    f16 = device.function("MatmulCublas", base + suffix(DType.F16));
    bf16 = device.function("MatmulCublas", base + suffix(DType.BF16));
  }

  /**
   * Finishes a product.
   *
   * @param product {@code [M, N]}
   * @param bias {@code [N]} or null
   * @param out {@code [M, N]}, may be the product
   * @param ending the arguments that only this operation has
   */
  void launch(Tensor product, Tensor bias, Tensor out, Object... ending) {
    int rows = out.size(0);
    int columns = out.size(1);
    long threads = (long) rows * Math.ceilDiv(columns, COLUMNS_PER_THREAD);
    Object[] common = {product, bias, out, rows, columns};
    stream()
        .launch(
            out.dtype() == DType.F16 ? f16 : bf16,
            Math.toIntExact(Math.ceilDiv(threads, THREADS)),
            1,
            1,
            THREADS,
            0,
            Stream.concat(Stream.of(common), Stream.of(ending)).toArray());
  }
}
